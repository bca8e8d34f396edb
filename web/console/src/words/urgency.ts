/** How much time a case has left: pure, with `now` given. */
import type { Case, Deadline, Level } from '@/api/types'

const GRAVITY: Record<Level, number> = { extreme: 0, high: 1, medium: 2, low: 3 }

/** The limit that comes next: the earliest that nobody met. */
export function nextDeadline(one: Case): Deadline | null {
  let next: Deadline | null = null
  for (const deadline of one.deadlines) {
    if (deadline.met_at === null && (next === null || deadline.at < next.at)) next = deadline
  }
  return next
}

/** Whether the plan has nobody left and no officer has taken it: the case waits for an officer. */
export const needsOfficer = (one: Case) => one.state === 'escalated' && one.held_by === null

/** A stop request in one of these states waits for the desk, and not for a bank. */
const STOP_WAITS = new Set(['draft', 'to_approve', 'mismatch'])
const stopWaits = (one: Case) => one.freezes.some(({ state }) => STOP_WAITS.has(state))

/** Where a stop-payment waits for the desk comes first; then the least time left; the gravest, then the oldest first among equals. */
export function inOrder(cases: Case[]): Case[] {
  const keyed = cases.map((one) => ({ one, stop: stopWaits(one) ? 0 : 1, at: nextDeadline(one)?.at ?? '9999' }))
  keyed.sort(
    (a, b) =>
      a.stop - b.stop ||
      compare(a.at, b.at) ||
      GRAVITY[a.one.level] - GRAVITY[b.one.level] ||
      compare(a.one.opened_at, b.one.opened_at),
  )
  return keyed.map(({ one }) => one)
}

/** Milliseconds from now until a moment; negative once it has passed. */
export const leftMs = (moment: string, now: number) => Date.parse(moment) - now

/** `4:05`, `-0:30`, `1:02:03`, `2d 03:10`: short enough for a queue, and of constant width; `day` marks the days. */
export function spanText(ms: number, day: string): string {
  const sign = ms < 0 ? '-' : ''
  const seconds = Math.floor(Math.abs(ms) / 1000)
  const two = (value: number) => String(value).padStart(2, '0')
  const [minutes, hours, days] = [Math.floor(seconds / 60) % 60, Math.floor(seconds / 3600) % 24, Math.floor(seconds / 86400)]
  if (days > 0) return `${sign}${days}${day} ${two(hours)}:${two(minutes)}`
  if (hours > 0) return `${sign}${hours}:${two(minutes)}:${two(seconds % 60)}`
  return `${sign}${minutes}:${two(seconds % 60)}`
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
