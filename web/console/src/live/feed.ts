/** The one owner of the live feed's socket: connects, resumes without a gap, watches that the line is alive. */
import { pauseMs } from './backoff'
import type { EventFrame, Frame, SnapshotFrame } from './frames'

export type Line = 'connecting' | 'live' | 'lost' | 'refused'

export interface FeedEvents {
  snapshot: (frame: SnapshotFrame) => void
  events: (frames: EventFrame[]) => void
  line: (line: Line) => void
  signedOut: () => void
  /** The service's memory is another one than before (a backup was restored): everything must be read afresh. */
  newEpoch: () => void
}

const FLUSH_MS = 100
const PING_MS = 10_000
const PONG_MS = 6_000
const SIGNED_OUT = 4401
const NOT_ALLOWED = 4403

export class Feed {
  private socket: WebSocket | null = null
  private epoch = ''
  private seq = 0
  private tries = 0
  private stopped = true
  private waiting: EventFrame[] = []
  private timers: Partial<Record<'flush' | 'ping' | 'pong' | 'again', number>> = {}

  constructor(
    private readonly url: string,
    private readonly tell: FeedEvents,
    private readonly open: (url: string) => WebSocket = (address) => new WebSocket(address),
  ) {}

  /** Connect, and stay connected until `stop`. */
  start(): void {
    this.stopped = false
    this.connect()
  }

  stop(): void {
    this.stopped = true
    this.hangUp()
    this.clear('again')
  }

  /** The machine says that it has a network again, or the page is looked at again: do not wait any longer. */
  hurry(): void {
    if (this.stopped) return
    if (this.socket === null) this.connect()
    else if (this.socket.readyState === WebSocket.OPEN) this.ping()
  }

  private connect(): void {
    this.clear('again')
    this.hangUp()
    this.tell.line('connecting')
    const socket = this.open(this.url)
    this.socket = socket
    this.arm('pong', PONG_MS, () => this.lost())
    socket.onopen = () => this.greet(socket)
    socket.onmessage = (message: MessageEvent<string>) => this.read(JSON.parse(message.data) as Frame)
    socket.onclose = (end) => this.closed(end.code)
  }

  private greet(socket: WebSocket): void {
    const known = this.epoch !== ''
    socket.send(JSON.stringify(known ? { type: 'resume', epoch: this.epoch, seq: this.seq } : { type: 'start' }))
    this.ping()
  }

  private read(frame: Frame): void {
    this.clear('pong')
    this.arm('ping', PING_MS, () => this.ping()) // silence after any frame is looked into, not only after a pong
    if (this.tries > 0 || frame.type === 'snapshot') this.tries = 0
    this.tell.line('live')
    if (frame.type === 'snapshot') this.begin(frame)
    else if (frame.type === 'event') this.take(frame)
  }

  private begin(frame: SnapshotFrame): void {
    const another = this.epoch !== '' && this.epoch !== frame.epoch
    this.waiting = []
    this.epoch = frame.epoch
    this.seq = frame.seq
    if (another) this.tell.newEpoch()
    else this.tell.snapshot(frame)
  }

  private take(frame: EventFrame): void {
    if (frame.seq <= this.seq) return
    if (frame.seq !== this.seq + 1) {
      this.lost() // a gap: ask for what is missing
      return
    }
    this.seq = frame.seq
    this.waiting.push(frame)
    if (this.timers.flush === undefined) this.arm('flush', FLUSH_MS, () => this.flush())
  }

  private flush(): void {
    const frames = this.waiting
    this.waiting = []
    if (frames.length > 0) this.tell.events(frames)
  }

  private ping(): void {
    this.clear('ping')
    if (this.socket?.readyState !== WebSocket.OPEN) return
    this.socket.send('{"type":"ping"}')
    if (this.timers.pong === undefined) this.arm('pong', PONG_MS, () => this.lost())
  }

  private closed(code: number): void {
    if (code === SIGNED_OUT) {
      this.stop()
      this.tell.signedOut()
    } else if (code === NOT_ALLOWED) {
      this.stop()
      this.tell.line('refused')
    } else this.lost()
  }

  private lost(): void {
    this.flush()
    this.hangUp()
    if (this.stopped) return
    this.tell.line('lost')
    this.arm('again', pauseMs(this.tries), () => this.connect())
    this.tries += 1
  }

  private hangUp(): void {
    this.clear('flush', 'ping', 'pong')
    this.flush()
    const socket = this.socket
    this.socket = null
    if (socket === null) return
    socket.onopen = socket.onmessage = socket.onclose = null
    socket.close()
  }

  private arm(name: keyof Feed['timers'], ms: number, act: () => void): void {
    this.clear(name)
    this.timers[name] = window.setTimeout(() => {
      delete this.timers[name]
      act()
    }, ms)
  }

  private clear(...names: (keyof Feed['timers'])[]): void {
    for (const name of names) {
      window.clearTimeout(this.timers[name])
      delete this.timers[name]
    }
  }
}
