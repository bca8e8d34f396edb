/** Which places lie in which station, and what of them can be shown. */
import type { LonLat, PlaceFeature } from '@/api/types'

export interface Ground {
  communities: PlaceFeature[]
  grids: PlaceFeature[]
  stations: PlaceFeature[]
  /** The chosen station's own place, if it is known. */
  station: PlaceFeature | null
  synthetic: boolean
}

/** Sorts the places in scope; `code` is the chosen station's. */
export function groundOf(places: readonly PlaceFeature[], code: string | undefined): Ground {
  const drawable = places.filter((one) => one.geometry !== null)
  const ofKind = (kind: string) => drawable.filter((one) => one.properties.kind === kind)
  const stations = places.filter((one) => one.properties.kind === 'station')
  return {
    communities: ofKind('community'),
    grids: ofKind('grid'),
    stations,
    station: stations.find((one) => one.properties.code === code) ?? null,
    synthetic: drawable.some((one) => one.properties.synthetic),
  }
}

/** The areas that make up the chosen station: its own, else those below it, else all there are. */
export function homeAreas(places: readonly PlaceFeature[], ground: Ground): PlaceFeature[] {
  if (ground.station?.geometry) return [ground.station]
  if (ground.station) {
    const below = placesBelow(places, ground.station.id)
    const own = ground.communities.filter((one) => below.has(one.id))
    if (own.length > 0) return own
  }
  return ground.communities.length > 0 ? ground.communities : ground.grids
}

export function markOf(place: PlaceFeature): LonLat | null {
  const { lon, lat } = place.properties
  return lon !== null && lat !== null ? { lon, lat } : null
}

function placesBelow(places: readonly PlaceFeature[], top: string): Set<string> {
  const found = new Set([top])
  // The service sends parents before what lies in them.
  for (const one of places) if (one.properties.parent && found.has(one.properties.parent)) found.add(one.id)
  return found
}
