/** How old a position is: a person may be somewhere else by now, and the map must not pretend to know. */
import type { Volunteer } from '@/api/types'

const FRESH_MS = 5 * 60_000
const STALE_MS = 30 * 60_000

/** `assumed`: not a position of the person at all, but where they are based or the centre of their grid. */
export const BANDS = ['fresh', 'old', 'stale', 'assumed'] as const
export type Band = (typeof BANDS)[number]

export function bandOf(position: NonNullable<Volunteer['position']>, now: number): Band {
  if (position.source !== 'page') return 'assumed'
  const age = now - Date.parse(position.at)
  if (age < FRESH_MS) return 'fresh'
  return age <= STALE_MS ? 'old' : 'stale'
}

/** The age in its largest unit, for `t('map.age.<unit>', { count })`. */
export function ageOf(at: string, now: number): { unit: 'now' | 'minutes' | 'hours' | 'days'; count: number } {
  const minutes = Math.floor((now - Date.parse(at)) / 60_000)
  if (minutes < 1) return { unit: 'now', count: 0 }
  if (minutes < 60) return { unit: 'minutes', count: minutes }
  if (minutes < 48 * 60) return { unit: 'hours', count: Math.floor(minutes / 60) }
  return { unit: 'days', count: Math.floor(minutes / 1440) }
}
