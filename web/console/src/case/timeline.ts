/** Events of a case as lines of its timeline: which words, about whom. Pure. */
import type { Case } from '@/api/types'
import { offersNamed } from './facts'
import type { CaseEvent } from './types'

export const GROUPS = ['case', 'people', 'contact', 'money', 'limits'] as const
export type Group = (typeof GROUPS)[number]

const GROUP_OF: Record<string, Group> = {
  case: 'case',
  feedback: 'case',
  offer: 'people',
  reply: 'people',
  help: 'people',
  contact: 'contact',
  resident: 'contact',
  freeze: 'money',
  deadline: 'limits',
  alarm: 'limits',
}

export interface Line {
  seq: number
  at: string
  kind: string
  group: Group
  /** Volunteers' ids. */
  who: string[]
  /** Codes that the words need: what limit, which alarm, from whom to whom, channel, result, state. */
  what: Record<string, string>
}

/** Newest first. Steps on a text's way are left out: the thread of texts shows them. */
export function linesOf(events: CaseEvent[], one: Case): Line[] {
  const lines = events.filter((event) => !SILENT.has(event.kind)).map((event) => lineOf(event, one))
  return lines.reverse()
}

const SILENT = new Set(['offer.sent', 'offer.delivered'])

function lineOf(event: CaseEvent, one: Case): Line {
  const ids = new Set(offersNamed(event))
  const offered = one.offers.filter((offer) => ids.has(offer.id)).map((offer) => offer.volunteer)
  const volunteer = event.data['volunteer'] as { id?: string } | undefined
  const who = offered.length > 0 ? offered : volunteer?.id ? [volunteer.id] : []
  const group = GROUP_OF[event.kind.split('.')[0] ?? ''] ?? 'case'
  return { seq: event.seq, at: event.at, kind: event.kind, group, who: [...new Set(who)], what: detailsOf(event, one) }
}

/** How a request stood by this event; older ones do not say. */
const stateThen = (event: CaseEvent) => (typeof event.data['state'] === 'string' ? event.data['state'] : null)

function detailsOf(event: CaseEvent, one: Case): Record<string, string> {
  const found: Record<string, string> = {}
  for (const name of ['from', 'to', 'by', 'what', 'reason', 'source', 'disposition', 'note']) {
    const value = event.data[name]
    if (typeof value === 'string') found[name] = value
  }
  const contact = one.contacts.find(({ id }) => id === event.data['contact'])
  if (contact) Object.assign(found, { channel: contact.channel, result: contact.result, by: contact.by })
  const freeze = one.freezes.find(({ id }) => id === event.data['freeze'])
  if (freeze) Object.assign(found, { whose: freeze.whose, state: stateThen(event) ?? freeze.state, account: freeze.account ?? '' })
  const alarm = event.data['alarm'] as { kind?: string } | undefined
  if (alarm?.kind) found['alarm'] = alarm.kind
  return found
}
