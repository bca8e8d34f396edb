/** Volunteers where they were last known to be, on duty and off duty apart. */
import Feature from 'ol/Feature'
import Point from 'ol/geom/Point'
import VectorLayer from 'ol/layer/Vector'
import VectorSource from 'ol/source/Vector'
import Fill from 'ol/style/Fill'
import Stroke from 'ol/style/Stroke'
import Style from 'ol/style/Style'
import Text from 'ol/style/Text'

import type { Volunteer } from '@/api/types'
import type { Differences } from '../differences'
import { lookKey, vestLook } from '../looks'
import { SMALL_FONT, STILL, toMap, type Setting } from '../setting'

export class VestsLayers {
  readonly onDuty: VectorLayer
  readonly offDuty: VectorLayer
  private readonly byId = new Map<string, { feature: Feature<Point>; on: boolean }>()

  constructor(
    private readonly setting: Setting,
    private readonly named: boolean,
  ) {
    const style = (one: unknown) => this.style((one as Feature).get('one') as Volunteer)
    this.offDuty = new VectorLayer({ ...STILL, source: new VectorSource(), style, visible: false })
    this.onDuty = new VectorLayer({ ...STILL, source: new VectorSource(), style })
  }

  update({ changed, gone }: Differences<Volunteer>): void {
    for (const id of gone) this.drop(id)
    for (const [, one] of changed) this.put(one)
  }

  /** Positions grow old without any event. */
  age(): void {
    for (const { feature } of this.byId.values()) this.refresh(feature, feature.get('one') as Volunteer)
  }

  restyle(): void {
    this.onDuty.changed()
    this.offDuty.changed()
  }

  private put(one: Volunteer): void {
    const known = this.byId.get(one.id)
    if (one.position === null || (known && known.on !== one.on_duty)) this.drop(one.id)
    if (one.position === null) return
    const kept = this.byId.get(one.id)
    if (kept) this.refresh(kept.feature, one)
    else {
      const feature = new Feature({ geometry: new Point(toMap(one.position)), one, look: this.look(one) })
      this.byId.set(one.id, { feature, on: one.on_duty })
      this.sourceOf(one.on_duty)?.addFeature(feature)
    }
  }

  private refresh(feature: Feature<Point>, one: Volunteer): void {
    feature.set('one', one, true)
    const look = this.look(one)
    if (feature.get('look') === look || one.position === null) return
    feature.set('look', look, true)
    feature.getGeometry()?.setCoordinates(toMap(one.position))
  }

  private drop(id: string): void {
    const known = this.byId.get(id)
    if (known) this.sourceOf(known.on)?.removeFeature(known.feature)
    this.byId.delete(id)
  }

  private sourceOf(on: boolean): VectorSource | null {
    return (on ? this.onDuty : this.offDuty).getSource()
  }

  private look(one: Volunteer): string {
    const { position } = one
    return position ? `${position.lon} ${position.lat} ${lookKey(vestLook(one, position, this.setting.now()))}` : ''
  }

  private style(one: Volunteer): Style | Style[] | undefined {
    if (one.position === null) return undefined
    const mark = this.setting.icons.styleOf(vestLook(one, one.position, this.setting.now()))
    return this.named ? [mark, this.name(one)] : mark
  }

  private name(one: Volunteer): Style {
    const { palette } = this.setting.icons
    return new Style({
      text: new Text({
        text: this.setting.words.person(one.id),
        font: SMALL_FONT,
        offsetY: 20,
        fill: new Fill({ color: palette.text }),
        stroke: new Stroke({ color: palette.surface, width: 3 }),
      }),
    })
  }
}
