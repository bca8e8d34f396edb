/** The calls of the pages beside the desk. */
import { call } from './http'
import type { Case, CaseState, Level } from './types'

export interface CasesAsked {
  station: string | undefined
  states: CaseState[]
  levels: Level[]
  /** The beginning of a case number; empty for all. */
  number: string
  /** Whether an officer holds the case; undefined for either. */
  held: boolean | undefined
  /** `next` of the page before. */
  after?: string
}

/** The service counts no further: `total` is one more when there are more. */
export const MOST_COUNTED = 1000

export interface CasesFound {
  cases: Case[]
  total: number
  next: string | null
}

/** Cases of all times, newest first, a page at a time. */
export function searchCases(asked: CasesAsked): Promise<CasesFound> {
  const params = new URLSearchParams()
  if (asked.station) params.set('station', asked.station)
  for (const state of asked.states) params.append('state', state)
  for (const level of asked.levels) params.append('level', level)
  if (asked.number) params.set('number', asked.number)
  if (asked.held !== undefined) params.set('held', String(asked.held))
  if (asked.after) params.set('after', asked.after)
  const query = params.toString()
  return call<CasesFound>(query ? `/api/cases?${query}` : '/api/cases')
}
