/** Open cases: one mark each, one for all where they crowd; the chosen one always on its own and on top. */
import Feature from 'ol/Feature'
import Point from 'ol/geom/Point'
import VectorLayer from 'ol/layer/Vector'
import Cluster from 'ol/source/Cluster'
import VectorSource from 'ol/source/Vector'
import type Style from 'ol/style/Style'

import type { Case } from '@/api/types'
import type { Differences } from '../differences'
import { caseLook, crowdLook, lookKey } from '../looks'
import { STILL, toMap, type Setting } from '../setting'

const CROWDED_PX = 34

/** Gathers many changes into one new clustering: the plain one would begin anew with each. */
class QuietCluster extends Cluster<Feature<Point>> {
  private held = false

  override refresh(): void {
    if (!this.held) super.refresh()
  }

  during(changes: () => boolean): void {
    this.held = true
    const changed = changes()
    this.held = false
    if (changed) this.refresh()
  }
}

export class CasesLayers {
  readonly layer: VectorLayer
  readonly chosenLayer: VectorLayer
  private readonly points = new VectorSource<Feature<Point>>()
  private readonly cluster: QuietCluster
  private readonly byId = new Map<string, Feature<Point>>()
  private chosen: string | null = null

  constructor(private readonly setting: Setting) {
    this.cluster = new QuietCluster({
      source: this.points,
      distance: CROWDED_PX,
      geometryFunction: (one) => (idOf(one) === this.chosen ? null : one.getGeometry()) as Point,
    })
    this.layer = new VectorLayer({ ...STILL, source: this.cluster, style: (one) => this.style(casesIn(one as Feature)) })
    this.chosenLayer = new VectorLayer({
      ...STILL,
      source: new VectorSource(),
      style: (one) => this.setting.icons.styleOf(caseLook(one.get('one') as Case, this.setting.words.marks, true)),
    })
  }

  update({ changed, gone }: Differences<Case>): void {
    this.cluster.during(() => {
      let moved = false
      for (const id of gone) moved = this.drop(id) || moved
      for (const [, one] of changed) moved = this.put(one) || moved
      return moved
    })
    if (this.chosen && (gone.includes(this.chosen) || changed.some(([id]) => id === this.chosen))) this.drawChosen()
  }

  choose(id: string | null): void {
    if (id === this.chosen) return
    this.chosen = id
    this.cluster.refresh()
    this.drawChosen()
  }

  /** The features that can be pointed at, each with the cases that it stands for. */
  sources(): VectorSource[] {
    return [this.chosenLayer.getSource(), this.cluster].filter((one) => one !== null)
  }

  restyle(): void {
    this.layer.changed()
    this.chosenLayer.changed()
  }

  private put(one: Case): boolean {
    if (one.location === null) return this.drop(one.id)
    const look = `${one.location.lon} ${one.location.lat} ${lookKey(caseLook(one, this.setting.words.marks))}`
    const known = this.byId.get(one.id)
    if (known === undefined) {
      const feature = new Feature({ geometry: new Point(toMap(one.location)), one, look })
      this.byId.set(one.id, feature)
      this.points.addFeature(feature)
      return true
    }
    known.set('one', one, true)
    if (known.get('look') === look) return false
    known.set('look', look, true)
    known.getGeometry()?.setCoordinates(toMap(one.location))
    return true
  }

  private drop(id: string): boolean {
    const feature = this.byId.get(id)
    if (feature === undefined) return false
    this.byId.delete(id)
    this.points.removeFeature(feature)
    return true
  }

  private drawChosen(): void {
    const source = this.chosenLayer.getSource()
    const one = (this.chosen && (this.byId.get(this.chosen)?.get('one') as Case | undefined)) || null
    source?.clear(true)
    if (one?.location) source?.addFeature(new Feature({ geometry: new Point(toMap(one.location)), one }))
    this.chosenLayer.changed()
  }

  private style(cases: Case[]): Style {
    const only = cases.length === 1 ? cases[0] : undefined
    return this.setting.icons.styleOf(only ? caseLook(only, this.setting.words.marks) : crowdLook(cases, this.setting.words.marks))
  }
}

/** The cases that a mark stands for. */
export function casesIn(mark: Feature): Case[] {
  const crowd = mark.get('features') as Feature[] | undefined
  return crowd ? crowd.map((one) => one.get('one') as Case) : [mark.get('one') as Case]
}

const idOf = (feature: Feature) => (feature.get('one') as Case).id
