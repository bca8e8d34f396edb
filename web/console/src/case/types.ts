/** One case with its history, as GET /api/cases/{id} gives it. Moments are RFC 3339 in UTC. */
import type { Case, CaseState, Disposition, Level, Volunteer } from '@/api/types'

export interface WarningOrder {
  id: string
  alert_no: string
  level: Level | null
  kind: string | null
  fraud_type: string | null
  at_risk: string | null
  currency: string | null
  stated_at: string | null
  received_at: string
  withdrawn_at: string | null
  withdrawn_reason: string | null
}

export interface Kin {
  name: string | null
  relation: string | null
  phone: string | null
}

export interface CaseText {
  id: string
  direction: 'in' | 'out'
  volunteer: string | null
  phone: string | null
  template: string | null
  body: string | null
  state: string
  at: string
}

export interface CaseEvent {
  seq: number
  kind: string
  at: string
  data: Record<string, unknown>
}

export interface ContactDetail {
  id: string
  note: string | null
  lon: number | null
  lat: number | null
}

export interface EarlierCase {
  id: string
  number: string
  disposition: Disposition | null
  opened_at: string
  closed_at: string | null
}

export interface SimilarCase {
  id: string
  number: string
  level: Level
  state: CaseState
  disposition: Disposition | null
  opened_at: string
  same: ('name' | 'address')[]
}

/** How one offer was planned: metres in a straight line, seconds to the door, a chance from 0 to 1. */
export interface Planned {
  offer: string
  volunteer: string
  state: string
  wave: number
  asked_at: string
  ended_at: string | null
  accepted_at: string | null
  arrived_at: string | null
  eta_s: number | null
  metres: number | null
  means: 'walk' | 'bike' | 'car' | null
  position: string | null
  position_age_min: number | null
  elsewhere: number | null
  later: number | null
  together: number | null
}

export interface CaseRecord {
  case: Case
  /** The code of the case's station; missing while an older service answers. */
  station?: string
  signed_at: string | null
  closed_at: string | null
  money: { at_risk: string; currency: string | null }[]
  alerts: WarningOrder[]
  kin: Kin[]
  volunteers: Volunteer[]
  plan: Planned[]
  contacts_detail: ContactDetail[]
  texts: CaseText[]
  events: CaseEvent[]
  earlier: EarlierCase[]
  similar: SimilarCase[]
}

export interface OrderAccount {
  whose: 'own' | 'suspect'
  bank: string | null
  name: string | null
  account: string | null
  amount: string | null
  transferred_at: string | null
}

/** What a request says, whole. */
export interface WholeFreeze {
  id: string
  bank: string | null
  name: string | null
  account: string | null
  amount: string | null
  other_bank: string | null
  other_name: string | null
  other_account: string | null
  facts: string | null
  receipts: string[]
}

export interface FreezeStep {
  act: string
  by: string
  at: string
  recorded_at: string
  words: string | null
}

/** What CASE does not say of one request: what is missing to send it, and what was done to it. */
export interface FreezeDetail {
  id: string
  missing: string[]
  transferred_at: string | null
  held: string | null
  submitted_by: string | null
  steps: FreezeStep[]
}

/** The requests of a case, as GET /api/cases/{id}/freezes gives them. */
export interface FreezePage {
  requests: FreezeDetail[]
  money: { protected: string; held: string; returned: string; lost: string }
  second_officer: boolean
  most_stops: number
}

export interface Unmasked {
  resident: { name: string | null; phone: string | null; address: string | null }
  kin: Kin[]
  accounts: OrderAccount[]
  freezes: WholeFreeze[]
  volunteers: { id: string; name: string; phone: string }[]
  summaries: { alert_no: string; summary: string | null }[]
}

export interface Said {
  zh: string
  en: string
}

export interface Guidance {
  fraud_type: string | null
  checks: Said[]
  questions: Said[]
  protect: Said
  say: Said[]
  where: Said
}
