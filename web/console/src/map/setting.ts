/** What every layer draws with: colours and marks of the theme, words of the language, the time. */
import { fromLonLat } from 'ol/proj'

import type { Level, LonLat, PlaceFeature } from '@/api/types'
import type { LevelMark } from '@/words/levels'
import type { Icons } from './icons'

export interface MapWords {
  marks: Record<Level, LevelMark>
  place: (place: PlaceFeature) => string
  eta: (seconds: number) => string
  arrived: string
  /** The name written beside a volunteer, where the map writes names. */
  person: (id: string) => string
}

export interface Setting {
  icons: Icons
  words: MapWords
  now: () => number
}

/** Vector layers are not redrawn while the map moves, and little beyond its edge: old machines have no GPU. */
export const STILL = { updateWhileAnimating: false, updateWhileInteracting: false, renderBuffer: 64 } as const

export const SMALL_FONT = '12px sans-serif'
export const NAME_FONT = '600 13px sans-serif'

export const toMap = (place: LonLat): [number, number] => fromLonLat([place.lon, place.lat]) as [number, number]
