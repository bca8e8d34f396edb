import { describe, expect, it } from 'vitest'

import type { PlaceFeature } from '@/api/types'
import { groundOf, homeAreas } from './ground'

function place(code: string, kind: string, parent: string | null, drawn: boolean, synthetic = false): PlaceFeature {
  return {
    type: 'Feature',
    id: code,
    geometry: drawn ? { type: 'Polygon', coordinates: [] } : null,
    properties: { code, kind, name: code, name_en: null, parent, lon: null, lat: null, synthetic, source: null },
  }
}

const tree = (stationDrawn: boolean) => [
  place('street', 'street', null, false),
  place('LT', 'station', 'street', stationDrawn),
  place('c1', 'community', 'LT', true),
  place('g1', 'grid', 'c1', true, true),
  place('XA', 'station', 'street', false),
  place('c2', 'community', 'XA', true),
]
const home = (places: PlaceFeature[], code?: string) => homeAreas(places, groundOf(places, code)).map((one) => one.id)

describe('what is shown at first', () => {
  it("is the chosen station's own area", () => expect(home(tree(true), 'LT')).toEqual(['LT']))
  it('or the communities below it', () => expect(home(tree(false), 'LT')).toEqual(['c1']))
  it('or all there are, when the station is not known', () => expect(home(tree(false), 'nowhere')).toEqual(['c1', 'c2']))
  it('or nothing, when no areas are known', () => expect(home([place('LT', 'station', null, false)], 'LT')).toEqual([]))
})

it('one invented area is enough to say so; a place without an area says nothing about the map', () => {
  expect(groundOf(tree(false), 'LT').synthetic).toBe(true)
  expect(groundOf([place('LT', 'station', null, false, true)], 'LT').synthetic).toBe(false)
})
