/** What lies under the pointer: found by distance, which costs nothing, not by drawing it again. */
import type Feature from 'ol/Feature'
import type Point from 'ol/geom/Point'
import type OlMap from 'ol/Map'
import type VectorSource from 'ol/source/Vector'

import type { Case, Volunteer } from '@/api/types'
import { casesIn } from './layers/cases'

export interface Spot {
  /** Pixels from the map's top left corner. */
  x: number
  y: number
  cases: string[]
  vests: string[]
}

export interface Found {
  spot: Spot
  cases: Case[]
}

const NEAR_PX = 18
const SAME_PX = 6

export function spotAt(map: OlMap, pixel: number[], cases: VectorSource[], vests: VectorSource[]): Found | null {
  const case_ = nearest(map, pixel, cases)
  const vest = nearest(map, pixel, vests)
  if (case_ && (!vest || case_.distance <= vest.distance + SAME_PX)) {
    const found = casesIn(case_.feature)
    return { spot: { ...at(case_), cases: found.map((one) => one.id), vests: [] }, cases: found }
  }
  if (!vest) return null
  const together = near(map, vest.pixel, vests, SAME_PX).map(({ feature }) => (feature.get('one') as Volunteer).id)
  return { spot: { ...at(vest), cases: [], vests: together }, cases: [] }
}

interface Near {
  feature: Feature
  pixel: number[]
  distance: number
}

const at = ({ pixel }: Near) => ({ x: pixel[0] ?? 0, y: pixel[1] ?? 0 })

function nearest(map: OlMap, pixel: number[], sources: VectorSource[]): Near | null {
  return near(map, pixel, sources, NEAR_PX)[0] ?? null
}

function near(map: OlMap, pixel: number[], sources: VectorSource[], within: number): Near[] {
  const coordinate = map.getCoordinateFromPixel(pixel)
  const resolution = map.getView().getResolution()
  if (!coordinate || resolution === undefined) return []
  const [x = 0, y = 0] = coordinate
  const reach = within * resolution
  const found: Near[] = []
  for (const source of sources) {
    for (const feature of source.getFeaturesInExtent([x - reach, y - reach, x + reach, y + reach])) {
      const spot = map.getPixelFromCoordinate((feature.getGeometry() as Point).getCoordinates())
      const distance = Math.hypot((spot?.[0] ?? 0) - (pixel[0] ?? 0), (spot?.[1] ?? 0) - (pixel[1] ?? 0))
      if (spot && distance <= within) found.push({ feature, pixel: spot, distance })
    }
  }
  return found.sort((a, b) => a.distance - b.distance)
}
