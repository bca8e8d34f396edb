import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { Pace } from './pace'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('sixty wishes a second become no more than the pace allows, and the last one is not lost', () => {
  const acts: number[] = []
  const pace = new Pace(() => acts.push(Date.now()), 500, () => Date.now())
  const start = Date.now()
  for (let at = 0; at < 2000; at += 16) {
    pace.ask()
    vi.advanceTimersByTime(16)
  }
  vi.advanceTimersByTime(500)
  expect(acts.length).toBeLessThanOrEqual(6)
  expect(acts.length).toBeGreaterThanOrEqual(4)
  expect(acts.at(-1)! - start).toBeGreaterThanOrEqual(1980)
})

it('after quiet the first wish is done at once; once stopped, none is', () => {
  const act = vi.fn()
  const pace = new Pace(act, 500, () => Date.now())
  pace.ask()
  vi.advanceTimersByTime(0)
  expect(act).toHaveBeenCalledTimes(1)
  pace.ask()
  pace.stop()
  vi.advanceTimersByTime(1000)
  expect(act).toHaveBeenCalledTimes(1)
})
