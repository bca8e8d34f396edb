/** In which order the officer is called. Pure. */

/** Alarms about stop-payments come before all others: stopping payment comes before any other work. */
const STOPS = new Set(['money_moving', 'freeze_ending', 'freeze_lapsed'])

interface Call {
  at: string
  alarm: { kind: string } | null
}

const rank = (call: Call) => (call.alarm !== null && STOPS.has(call.alarm.kind) ? 0 : 1)

/** Stops first, then the newest. */
export const inOrderOfCalling = <T extends Call>(calls: T[]): T[] =>
  [...calls].sort((a, b) => rank(a) - rank(b) || (a.at < b.at ? 1 : -1))
