/** The calls of the case's page: one case with its history, and what an officer does about it (/openapi.json). */
import type { CaseRecord, FreezePage, Guidance, Unmasked } from '@/case/types'
import { call } from './http'
import type { Case, Disposition } from './types'

const ofCase = (id: string, act: string) => `/api/cases/${id}/${act}`

export interface Attempt {
  channel: string
  result: string
  note: string | null
}

export interface StopRequest {
  whose: string
  asked_by: string
  bank: string | null
  account: string | null
  account_name: string | null
  amount: string | null
  facts?: string
  other_bank?: string
  other_account?: string
  other_name?: string
  transferred_at?: string
}

export const readCase = (id: string) => call<CaseRecord>(`/api/cases/${id}`, { byItself: true })
export const guidance = (fraudType: string) => call<Guidance>(`/api/guidance/${encodeURIComponent(fraudType)}`)

export const unmask = (id: string, reason: string) => call<Unmasked>(ofCase(id, 'unmask'), { body: { reason } })

/** `key` makes a second try of the same attempt the same attempt. */
export const logAttempt = (id: string, attempt: Attempt, key: string) =>
  call<Case>(ofCase(id, 'contacts'), { body: attempt, key })
export const recordStop = (id: string, request: StopRequest, key: string) =>
  call<Case>(ofCase(id, 'freezes'), { body: request, key })
export const readStops = (id: string) => call<FreezePage>(ofCase(id, 'freezes'), { byItself: true })
/** Record what became of a request; `body` holds the version the officer saw. */
export const actOnStop = (id: string, freeze: string, act: string, body: object, key: string) =>
  call<Case>(ofCase(id, `freezes/${freeze}/${act}`), { body, key })

export const closeCase = (id: string, disposition: Disposition, reason: string) =>
  call<Case>(ofCase(id, 'close'), { body: { disposition, reason } })
export const reopenCase = (id: string, reason: string) => call<Case>(ofCase(id, 'reopen'), { body: { reason } })
export const handOverCase = (id: string, to: string, note: string) =>
  call<Case>(ofCase(id, 'hand_over'), { body: { to, note } })

export const askVolunteer = (id: string, volunteer: string, note: string, key: string) =>
  call<Case>(ofCase(id, 'offers'), { body: { volunteer, ...(note ? { note } : {}) }, key })
export const recallOffer = (id: string, offer: string, reason: string) =>
  call<Case>(ofCase(id, `offers/${offer}/recall`), { body: { reason } })
