/**
 * What lies under the cases and people: areas, stations, or meridians when no areas are known.
 *
 * A map of its own beneath the other, with the same view: OpenLayers redraws a whole map with each change, and
 * without a GPU that costs too much for ground that never changes.
 */
import { createEmpty, extend, isEmpty, type Extent } from 'ol/extent'
import GeoJSON from 'ol/format/GeoJSON'
import type Graticule from 'ol/layer/Graticule'
import OlMap from 'ol/Map'
import type View from 'ol/View'

import type { PlaceFeature } from '@/api/types'
import { groundOf, homeAreas, type Ground } from './ground'
import { AreasLayers } from './layers/areas'
import { graticule } from './layers/graticule'
import { StationsLayer } from './layers/stations'
import type { Setting } from './setting'

export class GroundMap {
  private readonly areas: AreasLayers
  private readonly stations: StationsLayer
  private readonly map: OlMap
  private ground: Ground = groundOf([], undefined)
  private lines: Graticule | null = null

  constructor(
    private readonly setting: Setting,
    view: View,
  ) {
    this.areas = new AreasLayers(setting)
    this.stations = new StationsLayer(setting)
    const { communities, grids, outline } = this.areas
    const layers = [communities, grids, outline, this.stations.layer]
    this.map = new OlMap({ controls: [], interactions: [], view, layers })
  }

  mount(element: HTMLElement): void {
    const under = document.createElement('div')
    under.style.position = 'absolute'
    under.style.inset = '0'
    element.prepend(under)
    this.map.setTarget(under)
  }

  /** Returns the extent of the chosen station; null when no areas are known. */
  update(places: readonly PlaceFeature[], station: string | undefined): Extent | null {
    this.ground = groundOf(places, station)
    this.areas.update(this.ground)
    this.stations.update(this.ground)
    this.drawLines()
    return extentOf(homeAreas(places, this.ground))
  }

  showAreas(visible: boolean): void {
    for (const one of [this.areas.communities, this.areas.outline]) one.setVisible(visible)
  }

  showGrids(visible: boolean): void {
    this.areas.grids.setVisible(visible)
  }

  restyle(): void {
    this.areas.restyle()
    this.stations.layer.changed()
    this.drawLines()
  }

  sized(): void {
    this.map.updateSize()
  }

  destroy(): void {
    this.map.setTarget(undefined)
    this.map.dispose()
  }

  private drawLines(): void {
    if (this.lines) this.map.removeLayer(this.lines)
    const bare = this.ground.communities.length + this.ground.grids.length === 0 && !this.ground.station?.geometry
    this.lines = bare ? graticule(this.setting.icons.palette) : null
    if (this.lines) this.map.getLayers().insertAt(0, this.lines)
  }
}

function extentOf(places: readonly PlaceFeature[]): Extent | null {
  const format = new GeoJSON({ dataProjection: 'EPSG:4326', featureProjection: 'EPSG:3857' })
  const all = createEmpty()
  for (const place of places) {
    const geometry = format.readGeometry(place.geometry)
    if (geometry) extend(all, geometry.getExtent())
  }
  return isEmpty(all) ? null : all
}
