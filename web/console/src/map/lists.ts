/** What the map shows, as lists: for keyboards, screen readers, and whoever prefers to read. */
import type { Case, Level, Volunteer } from '@/api/types'
import { LEVELS } from '@/words/levels'

export const SHOWN = ['onDuty', 'onTask', 'all'] as const
export type Shown = (typeof SHOWN)[number]

const PASSES: Record<Shown, (one: Volunteer) => boolean> = {
  onDuty: (one) => one.on_duty,
  onTask: (one) => one.task !== null,
  all: () => true,
}

/** Those on a task first, then live positions by their age, then those without one by name. */
export function peopleInOrder(people: Iterable<Volunteer>, shown: Shown): Volunteer[] {
  const live = (one: Volunteer) => (one.position?.source === 'page' ? one.position.at : '')
  return [...people]
    .filter(PASSES[shown])
    .sort(
      (a, b) =>
        Number(b.task !== null) - Number(a.task !== null) ||
        compare(live(b), live(a)) ||
        compare(a.name, b.name),
    )
}

export interface CommunityCount {
  /** Null: unknown. */
  community: string | null
  counts: Record<Level, number>
  total: number
}

/** Open cases by community, the most first. */
export function casesByCommunity(cases: Iterable<Case>): CommunityCount[] {
  const found = new Map<string | null, CommunityCount>()
  for (const one of cases) {
    let row = found.get(one.community)
    if (row === undefined) {
      row = {
        community: one.community,
        counts: Object.fromEntries(LEVELS.map((level) => [level, 0])) as Record<Level, number>,
        total: 0,
      }
      found.set(one.community, row)
    }
    row.counts[one.level] += 1
    row.total += 1
  }
  return [...found.values()].sort((a, b) => b.total - a.total || compare(a.community ?? '', b.community ?? ''))
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
