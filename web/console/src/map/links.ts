/** Who is on the way to which case: a line each, from where the person was last known to be. */
import type { Case, LonLat, Volunteer } from '@/api/types'
import { arrived } from '@/case/facts'

export interface Link {
  /** Case and volunteer. */
  key: string
  from: LonLat
  to: LonLat
  /** The estimate given with the offer, in seconds; null once somebody is there, or when there was none. */
  etaS: number | null
  arrived: boolean
}

export function linksOf(cases: ReadonlyMap<string, Case>, vests: ReadonlyMap<string, Volunteer>): Link[] {
  const links: Link[] = []
  for (const one of cases.values()) {
    if (one.location === null) continue
    for (const offer of one.offers) {
      if (offer.state !== 'accepted') continue
      const position = vests.get(offer.volunteer)?.position
      if (!position) continue
      const there = arrived(one, offer)
      links.push({
        key: `${one.id}:${offer.volunteer}`,
        from: position,
        to: one.location,
        etaS: there ? null : offer.eta_s,
        arrived: there,
      })
    }
  }
  return links
}

/** Whole minutes of an estimate, at least one. */
export const etaMinutes = (seconds: number) => Math.max(1, Math.round(seconds / 60))
