/** What the service sends, as the contract and /openapi.json say it. Moments are RFC 3339 in UTC. */

export type Level = 'extreme' | 'high' | 'medium' | 'low'
/** The palette that stations choose from. */
export type Colour = 'purple' | 'red' | 'orange' | 'yellow' | 'blue' | 'green' | 'grey'

/** One level as a station has it on its screens. */
export interface LevelLook {
  name: { zh: string; en: string }
  colour: Colour
}

export type CaseState = 'new' | 'dispatching' | 'escalated' | 'accepted' | 'on_scene' | 'closed'
export type DeadlineWhat = 'sign' | 'contact' | 'meet' | 'feedback' | 'arrive'
export type Disposition =
  | 'dissuaded'
  | 'already_defrauded'
  | 'not_found'
  | 'not_matching'
  | 'repeat'
  | 'transferred'
  | 'withdrawn'

/** WGS-84 degrees. */
export interface LonLat {
  lon: number
  lat: number
}

export interface Deadline {
  what: DeadlineWhat
  at: string
  met_at: string | null
}

export interface Offer {
  id: string
  volunteer: string
  state: string
  wave: number
  eta_s: number | null
  reason: { zh?: string; en?: string }
}

export interface Contact {
  id: string
  channel: string
  result: string
  /** An officer's name, or a volunteer's id. */
  by: string
  at: string
}

export interface Freeze {
  id: string
  account: string | null
  whose: 'own' | 'suspect'
  asked_by: 'family' | 'bank' | 'police' | 'vest'
  state: string
  until: string | null
  /** Which of the two stops that police may do of one account. */
  stop_no: number | null
  /** To be given with every act: whoever acts on what was changed meanwhile is told so. */
  version: number
}

export interface Case {
  id: string
  number: string
  level: Level
  kind: string | null
  fraud_type: string | null
  state: CaseState
  held_by: string | null
  disposition: Disposition | null
  flags: string[]
  opened_at: string
  alerts: number
  resident: { name: string | null; phone: string | null; address: string | null }
  location: LonLat | null
  community: string | null
  grid: string | null
  deadlines: Deadline[]
  offers: Offer[]
  contacts: Contact[]
  freezes: Freeze[]
}

export interface Volunteer {
  id: string
  name: string
  kind: string
  on_duty: boolean
  position: (LonLat & { at: string; source: 'page' | 'base' | 'grid' }) | null
  /** The id of the case this person is on. */
  task: string | null
  /** When the shift plan says on or off duty next; null without a plan, missing in events from before there were plans. */
  next_turn?: { at: string; on_duty: boolean } | null
}

export interface Alarm {
  id: string
  kind: string
  case_id: string | null
  cases: number
  raised_at: string
  acknowledged_by: string | null
  acknowledged_at: string | null
}

export interface InboxText {
  id: string
  volunteer: string | null
  phone: string | null
  body: string
  outcome: string
  received_at: string
  handled_by: string | null
  handled_at: string | null
}

export interface Me {
  name: string
  role: string
  place: string
  stations: string[]
  /** What each of the stations calls the levels; missing while an older service answers. */
  levels?: Record<string, Record<Level, LevelLook>>
  permissions: string[]
  needs_enrolment: boolean
  /** Minutes without an act after which the session ends. */
  idle_minutes: number
}

export interface About {
  name: string
  version: string
  simulated: boolean
  second_factor: 'required' | 'optional'
  languages: string[]
}

export interface Colleague {
  name: string
  role: string
  place: string
  signed_in: boolean
}

export interface PlaceFeature {
  type: 'Feature'
  id: string
  geometry: { type: string; coordinates: unknown } | null
  properties: {
    code: string
    kind: string
    name: string
    name_en: string | null
    parent: string | null
    lon: number | null
    lat: number | null
    synthetic: boolean
    source: string | null
  }
}

/** The task a check code belongs to. */
export interface CheckedTask {
  case_id: string
  number: string
  community: string | null
  volunteer: string | null
}
