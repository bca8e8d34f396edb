/** What follows from a case: pure, with `now` given. Times in milliseconds, distances in metres. */
import type { Case, Deadline, DeadlineWhat, Disposition, LonLat, Offer, Volunteer } from '@/api/types'
import type { CaseEvent, CaseRecord } from './types'

export const ASKED = new Set(['queued', 'sent', 'delivered'])
/** Who speaks to these has not spoken to the resident. */
const BY_OTHERS = new Set(['family', 'neighbours', 'workplace'])
const AT_DOOR = new Set(['arrived', 'met', 'not_found'])
const REACHED = new Set(['met', 'spoken'])
const STOP_OPEN = new Set(['draft', 'to_approve', 'sent', 'mismatch'])
const CLOCKS: DeadlineWhat[] = ['sign', 'contact', 'arrive', 'meet', 'feedback']
const EARTH_M = 6_371_008.8

/** The clocks of a case in the order of the work; a limit the case does not have is left out. */
export const clocksOf = (one: Case): Deadline[] =>
  CLOCKS.flatMap((what) => one.deadlines.find((deadline) => deadline.what === what) ?? [])

export const onTheWay = (one: Case): Offer[] => one.offers.filter((offer) => offer.state === 'accepted')
export const beingAsked = (one: Case): Offer[] => one.offers.filter((offer) => ASKED.has(offer.state))

/** Whether this person has been at the door since they took the task. */
export const arrived = (one: Case, offer: Offer, accepted = '') =>
  one.state === 'on_scene' &&
  one.contacts.some(
    ({ by, channel, result, at }) => by === offer.volunteer && channel === 'door' && AT_DOOR.has(result) && at >= accepted,
  )

/** What whoever handed the case to this officer wants them to know; null when nobody did, or somebody else holds it. */
export function handedOver(one: Case, events: CaseEvent[], me: string | undefined): { from: string; note: string } | null {
  if (one.held_by === null || one.held_by !== me) return null
  const last = events.findLast(({ kind }) => kind === 'case.handed_over' || kind === 'case.held')
  const { from, note } = last?.data ?? {}
  return typeof from === 'string' && typeof note === 'string' ? { from, note } : null
}

/** Whether somebody met the resident or spoke to them. */
export const wasReached = (one: Case) =>
  one.contacts.some((contact) => REACHED.has(contact.result) && !(contact.result === 'spoken' && BY_OTHERS.has(contact.channel)))

/** Whether money has moved or is about to: then the stop comes before any other work (field guide §3). */
export const hasMoney = (one: Case, record: CaseRecord | null) =>
  one.kind === 'fund' || one.freezes.length > 0 || one.flags.includes('money_moving') || (record?.money.length ?? 0) > 0

/** Stop requests about which no bank has said yes yet. */
export const openStops = (one: Case) => one.freezes.filter((freeze) => STOP_OPEN.has(freeze.state))

export type Doubt = 'onTheWay' | 'asked' | 'notReached' | 'openStop' | 'noContact'

/** What an officer should think of before closing with a disposition. */
export function doubtsOfClosing(one: Case, disposition: Disposition | ''): Doubt[] {
  const doubts: Doubt[] = []
  if (onTheWay(one).length > 0) doubts.push('onTheWay')
  else if (beingAsked(one).length > 0) doubts.push('asked')
  if (disposition === 'dissuaded' && !wasReached(one)) doubts.push('notReached')
  if (disposition === 'not_found' && one.contacts.length === 0) doubts.push('noContact')
  if (openStops(one).length > 0) doubts.push('openStop')
  return doubts
}

export interface Wave {
  wave: number
  offers: Offer[]
}

/** Offers as they were made, wave after wave; after a reopening the numbers begin anew. */
export function waves(offers: Offer[]): Wave[] {
  const found: Wave[] = []
  for (const offer of offers) {
    const last = found.at(-1)
    if (last && last.wave === offer.wave) last.offers.push(offer)
    else found.push({ wave: offer.wave, offers: [offer] })
  }
  return found
}

/** When each offer was made, and when it came to the state it has, by the events that name it. */
export function offerMoments(events: CaseEvent[]): Map<string, { asked: string; last: string; accepted: string | null }> {
  const found = new Map<string, { asked: string; last: string; accepted: string | null }>()
  for (const event of events) {
    for (const id of offersNamed(event)) {
      const before = found.get(id)
      const accepted = event.kind === 'offer.accepted' ? event.at : (before?.accepted ?? null)
      found.set(id, { asked: before?.asked ?? event.at, last: event.at, accepted })
    }
  }
  return found
}

export function offersNamed(event: CaseEvent): string[] {
  const { offer, offers } = event.data
  if (typeof offer === 'string') return [offer]
  return Array.isArray(offers) ? offers.filter((id): id is string => typeof id === 'string') : []
}

/** Great-circle distance in metres between two points in WGS-84. */
export function distanceM(a: LonLat, b: LonLat): number {
  const rad = (degrees: number) => (degrees * Math.PI) / 180
  const half = (degrees: number) => Math.sin(rad(degrees) / 2) ** 2
  const h = half(b.lat - a.lat) + Math.cos(rad(a.lat)) * Math.cos(rad(b.lat)) * half(b.lon - a.lon)
  return 2 * EARTH_M * Math.asin(Math.sqrt(h))
}

export interface Candidate {
  one: Volunteer
  metres: number | null
  /** Why this person cannot be asked now. */
  busy: 'here' | 'elsewhere' | 'asked' | 'offered' | null
  /** Said no to this case before. */
  declined: boolean
}

/** Who is on duty: the free ones first, whoever said no behind them, then the nearest; those without a known position last. */
export function candidates(people: Volunteer[], one: Case, open: Case[] = []): Candidate[] {
  const asked = new Set(beingAsked(one).map((offer) => offer.volunteer))
  const offered = new Set(open.filter(({ id }) => id !== one.id).flatMap((other) => beingAsked(other).map((offer) => offer.volunteer)))
  const refused = new Set(one.offers.filter((offer) => offer.state === 'declined').map((offer) => offer.volunteer))
  const busyWith = (person: Volunteer): Candidate['busy'] => {
    if (person.task) return person.task === one.id ? 'here' : 'elsewhere'
    if (asked.has(person.id)) return 'asked'
    return offered.has(person.id) ? 'offered' : null
  }
  const found = people.map((person): Candidate => {
    const metres = one.location && person.position ? distanceM(person.position, one.location) : null
    return { one: person, metres, busy: busyWith(person), declined: refused.has(person.id) }
  })
  const far = (candidate: Candidate) => candidate.metres ?? Infinity
  const last = (candidate: Candidate) => (candidate.busy !== null ? 2 : Number(candidate.declined))
  return found.sort((a, b) => last(a) - last(b) || far(a) - far(b) || (a.one.name < b.one.name ? -1 : 1))
}
