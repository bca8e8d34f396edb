/** Who was asked for a case and may still come, each once, whoever accepted first. */
import type { Case, Volunteer } from '@/api/types'

const CONCERNED = ['accepted', 'delivered', 'sent', 'queued']

export function caseVests(one: Case, people: ReadonlyMap<string, Volunteer>): { person: Volunteer; state: string }[] {
  const found = new Map<string, { person: Volunteer; state: string }>()
  for (const state of CONCERNED) {
    for (const offer of one.offers) {
      const person = people.get(offer.volunteer)
      if (offer.state === state && person && !found.has(person.id)) found.set(person.id, { person, state })
    }
  }
  return [...found.values()]
}
