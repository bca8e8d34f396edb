/** Communities, the chosen station's outline, and grids once the map is near enough. Invented ground is dashed. */
import Feature from 'ol/Feature'
import GeoJSON from 'ol/format/GeoJSON'
import VectorLayer from 'ol/layer/Vector'
import VectorSource from 'ol/source/Vector'
import Fill from 'ol/style/Fill'
import Stroke from 'ol/style/Stroke'
import Style from 'ol/style/Style'
import Text from 'ol/style/Text'

import type { PlaceFeature } from '@/api/types'
import type { Ground } from '../ground'
import { faded } from '../palette'
import { NAME_FONT, SMALL_FONT, STILL, type Setting } from '../setting'

const ABOVE_PX = -18
const GRIDS_FROM_ZOOM = 14.6
const GRID_NAMES_BELOW = 2.5 // metres a pixel

const format = new GeoJSON({ dataProjection: 'EPSG:4326', featureProjection: 'EPSG:3857' })

export class AreasLayers {
  readonly communities: VectorLayer
  readonly grids: VectorLayer
  readonly outline: VectorLayer
  private styles = new Map<string, Style>()
  private ground: Ground | null = null

  constructor(private readonly setting: Setting) {
    this.communities = new VectorLayer({ ...STILL, source: new VectorSource(), style: (one) => this.community(one.get('place')) })
    this.outline = new VectorLayer({ ...STILL, source: new VectorSource(), style: (one) => this.station(one.get('place')) })
    this.grids = new VectorLayer({
      ...STILL,
      minZoom: GRIDS_FROM_ZOOM,
      source: new VectorSource({ loader: () => this.loadGrids() }),
      style: (one, resolution) => this.grid(one.get('place'), resolution < GRID_NAMES_BELOW),
    })
  }

  update(ground: Ground): void {
    this.ground = ground
    fill(this.communities, ground.communities)
    fill(this.outline, ground.station?.geometry ? [ground.station] : [])
    this.grids.getSource()?.refresh() // hundreds of them: read when the map first comes near
  }

  restyle(): void {
    this.styles.clear()
    for (const layer of [this.communities, this.grids, this.outline]) layer.changed()
  }

  private loadGrids(): void {
    const source = this.grids.getSource()
    if (this.ground && source) source.addFeatures(featuresOf(this.ground.grids))
  }

  private community(place: PlaceFeature): Style {
    return this.kept(`community ${place.id}`, () => {
      const { palette } = this.setting.icons
      return new Style({
        fill: new Fill({ color: palette.surface }),
        stroke: edge(place, faded(palette.muted, 0.8), 1.4),
        text: this.name(place, NAME_FONT, palette.muted),
      })
    })
  }

  private grid(place: PlaceFeature, named: boolean): Style {
    return this.kept(`grid ${named ? place.id : place.properties.synthetic}`, () => {
      const { palette } = this.setting.icons
      const stroke = edge(place, faded(palette.muted, 0.45), 1)
      return new Style(named ? { stroke, text: this.name(place, SMALL_FONT, palette.muted) } : { stroke })
    })
  }

  private station(place: PlaceFeature): Style {
    const { palette } = this.setting.icons
    return this.kept('station', () => new Style({ stroke: edge(place, palette.accent, 2.2) }))
  }

  /** A name that does not fit into its area is left out. */
  private name(place: PlaceFeature, font: string, colour: string): Text {
    const { words, icons } = this.setting
    return new Text({
      text: words.place(place),
      font,
      offsetY: ABOVE_PX, // people without a better position stand in the middle of their area
      fill: new Fill({ color: colour }),
      stroke: new Stroke({ color: icons.palette.surface, width: 3 }),
    })
  }

  private kept(key: string, make: () => Style): Style {
    let style = this.styles.get(key)
    if (style === undefined) this.styles.set(key, (style = make()))
    return style
  }
}

function edge(place: PlaceFeature, color: string, width: number): Stroke {
  return new Stroke(place.properties.synthetic ? { color, width, lineDash: [7, 5] } : { color, width })
}

function fill(layer: VectorLayer, places: readonly PlaceFeature[]): void {
  const source = layer.getSource()
  source?.clear(true)
  source?.addFeatures(featuresOf(places))
}

function featuresOf(places: readonly PlaceFeature[]): Feature[] {
  return places.map((place) => new Feature({ geometry: format.readGeometry(place.geometry) ?? undefined, place }))
}
