/** Volunteers as the desk looks at them: pure, with `now` (milliseconds) given. */
import type { Volunteer } from '@/api/types'
import { bandOf, type Band } from '@/map/ages'

export const WHO = ['all', 'onDuty', 'free', 'onTask', 'offDuty'] as const
export type Who = (typeof WHO)[number]

export const ORDERS = ['name', 'kind', 'doing', 'position'] as const
export type Order = (typeof ORDERS)[number]

export const KINDS = ['vest', 'grid_worker', 'auxiliary', 'police', 'guard'] as const

export type Doing = 'task' | 'free' | 'off'
export type Trust = Band | 'none'

/** A task in hand stays in hand when its person goes off duty. */
export function doingOf(one: Volunteer): Doing {
  if (one.task !== null) return 'task'
  return one.on_duty ? 'free' : 'off'
}

/** What the next boundary of a shift plan means for a person; null without one. */
export type Shift = 'until' | 'from' | 'next' | 'planned'

/** On duty until the shift ends; off until one begins. By hand it may be otherwise: on before the next, off while one lasts. */
export function shiftOf(one: Volunteer): Shift | null {
  if (!one.next_turn) return null
  if (one.on_duty) return one.next_turn.on_duty ? 'next' : 'until'
  return one.next_turn.on_duty ? 'from' : 'planned'
}

/** How far a position can be trusted. A base or the centre of a grid has no age: nobody was seen there. */
export function trustOf(position: Volunteer['position'], now: number): Trust {
  return position === null ? 'none' : bandOf(position, now)
}

const passes: Record<Who, (one: Volunteer) => boolean> = {
  all: () => true,
  onDuty: (one) => one.on_duty,
  free: (one) => doingOf(one) === 'free',
  onTask: (one) => doingOf(one) === 'task',
  offDuty: (one) => !one.on_duty,
}

export function countsOf(people: Volunteer[]): Record<Who, number> {
  const found: Record<Who, number> = { all: 0, onDuty: 0, free: 0, onTask: 0, offDuty: 0 }
  for (const one of people) for (const who of WHO) if (passes[who](one)) found[who] += 1
  return found
}

export interface PeopleAsked {
  who: Who
  kind: string
  wanted: string
  order: Order
  descending: boolean
}

/** Who is asked for, in the order asked for; equals by name. */
export function chosenOf(people: Volunteer[], asked: PeopleAsked): Volunteer[] {
  const text = asked.wanted.trim().toLowerCase()
  const sign = asked.descending ? -1 : 1
  return people
    .filter(
      (one) =>
        passes[asked.who](one) &&
        (asked.kind === '' || one.kind === asked.kind) &&
        (text === '' || one.name.toLowerCase().includes(text)),
    )
    .sort((a, b) => sign * compare[asked.order](a, b) || byName(a, b))
}

const names = new Intl.Collator('zh')
const byName = (a: Volunteer, b: Volunteer) => names.compare(a.name, b.name) || (a.id < b.id ? -1 : 1)
const RANK: Record<Doing, number> = { task: 0, free: 1, off: 2 }

/** When a person was last seen: never at a base, and still less with no position at all. */
function seenMs(one: Volunteer): number {
  if (one.position === null) return -2
  return one.position.source === 'page' ? Date.parse(one.position.at) : -1
}

const compare: Record<Order, (a: Volunteer, b: Volunteer) => number> = {
  name: byName,
  kind: (a, b) => KINDS.indexOf(a.kind as (typeof KINDS)[number]) - KINDS.indexOf(b.kind as (typeof KINDS)[number]),
  doing: (a, b) => RANK[doingOf(a)] - RANK[doingOf(b)],
  position: (a, b) => seenMs(b) - seenMs(a),
}
