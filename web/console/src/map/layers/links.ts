/** A line from each volunteer who accepted to their case, with the estimate once the map is near. */
import Feature from 'ol/Feature'
import LineString from 'ol/geom/LineString'
import VectorLayer from 'ol/layer/Vector'
import VectorSource from 'ol/source/Vector'
import Fill from 'ol/style/Fill'
import Stroke from 'ol/style/Stroke'
import Style from 'ol/style/Style'
import Text from 'ol/style/Text'

import type { Link } from '../links'
import { SMALL_FONT, STILL, toMap, type Setting } from '../setting'

const WORDS_BELOW = 6 // metres a pixel

export class LinksLayer {
  readonly layer: VectorLayer
  private readonly byKey = new Map<string, { feature: Feature<LineString>; look: string }>()
  private readonly styles = new Map<string, Style>()

  constructor(private readonly setting: Setting) {
    this.layer = new VectorLayer({
      ...STILL,
      source: new VectorSource(),
      style: (one, resolution) => this.style(one.get('link') as Link, resolution < WORDS_BELOW),
    })
  }

  update(links: readonly Link[]): void {
    const source = this.layer.getSource()
    const wanted = new Set(links.map((one) => one.key))
    for (const [key, { feature }] of this.byKey) {
      if (wanted.has(key)) continue
      source?.removeFeature(feature)
      this.byKey.delete(key)
    }
    for (const link of links) this.put(link)
  }

  restyle(): void {
    this.styles.clear()
    this.layer.changed()
  }

  private put(link: Link): void {
    const look = [link.from.lon, link.from.lat, link.to.lon, link.to.lat, link.etaS, link.arrived].join(' ')
    const known = this.byKey.get(link.key)
    if (known?.look === look) return
    const line = [toMap(link.from), toMap(link.to)]
    if (known) {
      known.look = look
      known.feature.set('link', link, true)
      known.feature.getGeometry()?.setCoordinates(line)
    } else {
      const feature = new Feature({ geometry: new LineString(line), link })
      this.byKey.set(link.key, { feature, look })
      this.layer.getSource()?.addFeature(feature)
    }
  }

  private style(link: Link, near: boolean): Style {
    const { words, icons } = this.setting
    const said = link.arrived ? words.arrived : link.etaS === null ? '' : words.eta(link.etaS)
    const text = near ? said : ''
    const key = `${link.arrived} ${text}`
    let style = this.styles.get(key)
    if (style === undefined) {
      // Never dashed: hundreds of dashed lines are what costs most without a GPU.
      const stroke = new Stroke({ color: icons.palette.good, width: link.arrived ? 1 : 2 })
      style = new Style(text ? { stroke, text: this.words(text) } : { stroke })
      this.styles.set(key, style)
    }
    return style
  }

  private words(text: string): Text {
    const { palette } = this.setting.icons
    return new Text({
      text,
      font: SMALL_FONT,
      overflow: true,
      fill: new Fill({ color: palette.good }),
      stroke: new Stroke({ color: palette.surface, width: 4 }),
    })
  }
}
