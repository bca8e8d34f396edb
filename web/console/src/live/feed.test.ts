import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import type { Case } from '@/api/types'
import { Feed, type FeedEvents, type Line } from './feed'
import type { EventFrame } from './frames'

class Wire {
  static made: Wire[] = []
  static readonly OPEN = 1
  readyState = 0
  sent: unknown[] = []
  onopen: (() => void) | null = null
  onmessage: ((message: { data: string }) => void) | null = null
  onclose: ((end: { code: number }) => void) | null = null

  constructor(readonly url: string) {
    Wire.made.push(this)
  }

  static get last(): Wire {
    return Wire.made.at(-1)!
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text))
  }

  close(): void {
    this.readyState = 3
  }

  opens(): void {
    this.readyState = 1
    this.onopen?.()
  }

  says(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) })
  }

  breaks(code = 1006): void {
    this.readyState = 3
    this.onclose?.({ code })
  }
}

const snapshot = (seq: number, epoch = 'one') => ({ type: 'snapshot', epoch, seq, cases: [] as Case[], volunteers: [] })
const event = (seq: number) => ({ type: 'event', seq, kind: 'case.updated', at: '', case_id: null, case: null, data: {} })

let lines: Line[]
let seen: number[]
let snapshots: number
let epochs: number
let out: number
let feed: Feed

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('WebSocket', Wire)
  Wire.made = []
  lines = []
  seen = []
  snapshots = epochs = out = 0
  const tell: FeedEvents = {
    snapshot: () => (snapshots += 1),
    events: (frames: EventFrame[]) => seen.push(...frames.map((frame) => frame.seq)),
    line: (line) => lines.push(line),
    signedOut: () => (out += 1),
    newEpoch: () => (epochs += 1),
  }
  feed = new Feed('ws://here/ws/console', tell, (url) => new Wire(url) as unknown as WebSocket)
  feed.start()
  Wire.last.opens()
})

afterEach(() => {
  feed.stop()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('the feed', () => {
  it('starts with a snapshot and gives events on in order, together', () => {
    expect(Wire.last.sent[0]).toEqual({ type: 'start' })
    Wire.last.says(snapshot(4))
    Wire.last.says(event(5))
    Wire.last.says(event(6))
    expect(seen).toEqual([])
    vi.advanceTimersByTime(150)
    expect(seen).toEqual([5, 6])
    expect(snapshots).toBe(1)
  })

  it('resumes after its last number when the line is cut, and loses nothing that had come', () => {
    Wire.last.says(snapshot(4))
    Wire.last.says(event(5))
    Wire.last.breaks()
    expect(seen).toEqual([5])
    expect(lines.at(-1)).toBe('lost')
    vi.advanceTimersByTime(500)
    Wire.last.opens()
    expect(Wire.last.sent[0]).toEqual({ type: 'resume', epoch: 'one', seq: 5 })
    Wire.last.says(event(6))
    vi.advanceTimersByTime(150)
    expect(seen).toEqual([5, 6])
    expect(lines.at(-1)).toBe('live')
  })

  it('passes over what it has seen, and asks again when a number is missing', () => {
    Wire.last.says(snapshot(4))
    Wire.last.says(event(4))
    Wire.last.says(event(7))
    vi.advanceTimersByTime(500)
    expect(seen).toEqual([])
    Wire.last.opens()
    expect(Wire.last.sent[0]).toEqual({ type: 'resume', epoch: 'one', seq: 4 })
  })

  it('notices a line that is dead without having been closed', () => {
    Wire.last.says(snapshot(1))
    Wire.last.says({ type: 'pong' })
    vi.advanceTimersByTime(10_000)
    expect(Wire.last.sent.at(-1)).toEqual({ type: 'ping' })
    vi.advanceTimersByTime(6_000)
    expect(lines.at(-1)).toBe('lost')
  })

  it('notices it too when the last that came was an event and no pong', () => {
    Wire.last.says(snapshot(1))
    Wire.last.says({ type: 'pong' })
    vi.advanceTimersByTime(10_000)
    Wire.last.says(event(2))
    vi.advanceTimersByTime(16_000)
    expect(lines.at(-1)).toBe('lost')
  })

  it('tries again and again while the service is away, ever more slowly', () => {
    Wire.last.breaks()
    for (let tries = 0; tries < 5; tries += 1) {
      vi.advanceTimersByTime(10_000)
      Wire.last.breaks()
    }
    expect(Wire.made.length).toBeGreaterThanOrEqual(6)
    expect(lines.at(-1)).toBe('lost')
  })

  it('does not wait when it is told that there is a network again', () => {
    Wire.last.breaks()
    const before = Wire.made.length
    feed.hurry()
    expect(Wire.made.length).toBe(before + 1)
  })

  it('says that everything must be read afresh when the service has another memory', () => {
    Wire.last.says(snapshot(40))
    Wire.last.breaks()
    vi.advanceTimersByTime(500)
    Wire.last.opens()
    Wire.last.says(snapshot(2, 'two'))
    expect(epochs).toBe(1)
  })

  it('stops for good when the session has ended', () => {
    Wire.last.breaks(4401)
    expect(out).toBe(1)
    vi.advanceTimersByTime(60_000)
    expect(Wire.made.length).toBe(1)
  })
})
