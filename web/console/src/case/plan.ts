/** The plan as it went, drawn along the time: pure, with `now` given. */
import { ASKED } from './facts'
import type { Planned } from './types'

/** One offer as a line; places are per cent of the chart's width. */
export interface PlanRow {
  offer: string
  volunteer: string
  /** From the asking to the answer. */
  asked: [left: number, width: number]
  /** From the acceptance to the door, or to where it is expected; null when nobody went. */
  way: [left: number, width: number] | null
  arrived: boolean
  going: boolean
  together: number | null
}

export interface PlanChart {
  rows: PlanRow[]
  from: string
  to: string
}

/** Null when nobody was asked. At most the last `most` offers: of a long night only its end is looked at. */
export function chartOf(plan: Planned[], now: number, most = 24): PlanChart | null {
  const shown = plan.slice(-most)
  if (shown.length === 0) return null
  const spans = shown.map((offer) => spansOf(offer, now))
  const from = Math.min(...spans.map(({ asked }) => asked[0]))
  const to = Math.max(...spans.map(({ asked, way }) => Math.max(asked[1], way?.[1] ?? 0)), from + 1000)
  const place = ([begin, end]: [number, number]): [number, number] => [
    (100 * (begin - from)) / (to - from),
    (100 * Math.max(0, end - begin)) / (to - from),
  ]
  const rows = shown.map((offer, index) => {
    const { asked, way } = spans[index]!
    return {
      offer: offer.offer,
      volunteer: offer.volunteer,
      asked: place(asked),
      way: way && place(way),
      arrived: offer.arrived_at !== null,
      going: offer.accepted_at !== null,
      together: offer.together,
    }
  })
  return { rows, from: new Date(from).toISOString(), to: new Date(to).toISOString() }
}

function spansOf(offer: Planned, now: number): { asked: [number, number]; way: [number, number] | null } {
  const asked = Date.parse(offer.asked_at)
  if (offer.accepted_at === null) {
    const over = ASKED.has(offer.state) ? now : Date.parse(offer.ended_at ?? offer.asked_at)
    return { asked: [asked, over], way: null }
  }
  const accepted = Date.parse(offer.accepted_at)
  const expected = accepted + (offer.eta_s ?? 0) * 1000
  const ended = offer.ended_at === null ? expected : Date.parse(offer.ended_at)
  const door = offer.arrived_at === null ? Math.min(expected, ended) : Date.parse(offer.arrived_at)
  return { asked: [asked, accepted], way: [accepted, door] }
}
