/** Cases and people for tests of the map. */
import type { Case, Offer, Volunteer } from '@/api/types'

export function aCase(id: string, more: Partial<Case> = {}): Case {
  return {
    id,
    number: `LT-20260429-${id}`,
    level: 'medium',
    kind: 'fund',
    fraud_type: null,
    state: 'dispatching',
    held_by: null,
    disposition: null,
    flags: [],
    opened_at: '2026-04-29T08:00:00Z',
    alerts: 1,
    resident: { name: '王**', phone: null, address: null },
    location: { lon: 113.87, lat: 22.57 },
    community: '桃源社区',
    grid: null,
    deadlines: [],
    offers: [],
    contacts: [],
    freezes: [],
    ...more,
  }
}

export function aVest(id: string, more: Partial<Volunteer> = {}): Volunteer {
  return {
    id,
    name: `vest ${id}`,
    kind: 'vest',
    on_duty: true,
    position: { lon: 113.88, lat: 22.58, at: '2026-04-29T08:00:00Z', source: 'page' },
    task: null,
    ...more,
  }
}

export function anOffer(volunteer: string, state: string, eta_s: number | null = 240): Offer {
  return { id: `offer ${volunteer} ${state}`, volunteer, state, wave: 1, eta_s, reason: {} }
}

export const byId = <T extends { id: string }>(...all: T[]) => new Map(all.map((one) => [one.id, one]))
