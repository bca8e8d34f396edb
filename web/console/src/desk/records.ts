/** What is asked of the records, as it stands in the page's address: a way back finds the same list. */
import type { LocationQuery, LocationQueryRaw } from 'vue-router'

import type { CasesAsked } from '@/api/deskCalls'
import type { CaseState, Level } from '@/api/types'
import { LEVELS } from '@/words/levels'

export const OPEN_STATES = ['new', 'dispatching', 'escalated', 'accepted', 'on_scene'] as const satisfies CaseState[]
export const STATES = [...OPEN_STATES, 'closed'] as const

export interface Wanted {
  /** One state, `open` for all but closed, or empty for all. */
  state: CaseState | 'open' | ''
  level: Level | ''
  number: string
  held: 'yes' | 'no' | ''
}

export function wantedOf(query: LocationQuery): Wanted {
  return {
    state: oneOf(query['state'], [...STATES, 'open'] as const),
    level: oneOf(query['level'], LEVELS),
    number: typeof query['number'] === 'string' ? query['number'].slice(0, 64) : '',
    held: oneOf(query['held'], ['yes', 'no'] as const),
  }
}

export function queryOf(wanted: Wanted): LocationQueryRaw {
  return Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== ''))
}

export function askedOf(wanted: Wanted, station: string | undefined): CasesAsked {
  return {
    station,
    states: wanted.state === 'open' ? [...OPEN_STATES] : wanted.state ? [wanted.state] : [],
    levels: wanted.level ? [wanted.level] : [],
    number: wanted.number.trim().toUpperCase(),
    held: wanted.held === '' ? undefined : wanted.held === 'yes',
  }
}

export const asksNothing = (wanted: Wanted) => Object.values(wanted).every((value) => value === '')

function oneOf<T extends string>(value: unknown, known: readonly T[]): T | '' {
  return known.find((one) => one === value) ?? ''
}
