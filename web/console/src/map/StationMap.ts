/** The map, outside the framework: it is fed what is known now, draws only what changed, and tells what was pointed at. */
import ScaleLine from 'ol/control/ScaleLine'
import { boundingExtent, createEmpty, extend, isEmpty, type Extent } from 'ol/extent'
import { defaults as usualInteractions } from 'ol/interaction/defaults'
import OlMap from 'ol/Map'
import type MapBrowserEvent from 'ol/MapBrowserEvent'
import { fromLonLat } from 'ol/proj'
import type VectorSource from 'ol/source/Vector'
import View from 'ol/View'

import type { Case, PlaceFeature, Volunteer } from '@/api/types'
import { takeDifferences } from './differences'
import { GroundMap } from './GroundMap'
import { Icons } from './icons'
import { CasesLayers } from './layers/cases'
import { LinksLayer } from './layers/links'
import { VestsLayers } from './layers/vests'
import { linksOf } from './links'
import { Outlook, type Kept } from './outlook'
import { Pace } from './pace'
import type { Palette } from './palette'
import { toMap, type MapWords, type Setting } from './setting'
import { spotAt, type Found, type Spot } from './spots'

export interface MapTells {
  /** What the pointer or the crosshair is on; null when on nothing. */
  spot: (spot: Spot | null) => void
  /** A click or Enter on something that is not one case: keep telling of it; null when the map moved away. */
  pin: (spot: Spot | null) => void
  open: (caseId: string) => void
}

export type LayerName = 'areas' | 'grids' | 'onDuty' | 'offDuty'

interface Options {
  words: MapWords
  palette: Palette
  now: () => number
  /** A case's own map: a still picture around the case, with the volunteers' names. */
  small?: boolean
  /** How much of its right side something lies on, in pixels. */
  coveredPx?: () => number
  /** Where the officer left it the last time. */
  kept?: Kept | null
}

const REDRAW_MS = 600 // at most this often while events pour in
const AGE_MS = 20_000
const HOVER_MS = 60
const CHINA = fromLonLat([104, 35])

export class StationMap {
  private readonly setting: Setting
  private readonly ground: GroundMap
  private readonly links: LinksLayer
  private readonly vests: VestsLayers
  private readonly cases: CasesLayers
  private readonly map: OlMap
  private readonly outlook: Outlook
  private readonly redraw = new Pace(() => this.draw(), REDRAW_MS)
  private readonly hover = new Pace(() => this.look(), HOVER_MS)
  private readonly drawnCases = new Map<string, Case>()
  private readonly drawnVests = new Map<string, Volunteer>()
  private nowCases: ReadonlyMap<string, Case> = new Map()
  private nowVests: ReadonlyMap<string, Volunteer> = new Map()
  private home: Extent | null = null
  private pointer: number[] | null = null
  private byKeys = false
  private watcher: ResizeObserver | null = null
  private aging: number | undefined

  constructor(
    private readonly tell: MapTells,
    private readonly options: Options,
  ) {
    this.setting = { icons: new Icons(options.palette), words: options.words, now: options.now }
    const view = new View({ center: CHINA, zoom: 4, minZoom: 4, maxZoom: 19, enableRotation: false })
    this.ground = new GroundMap(this.setting, view)
    this.links = new LinksLayer(this.setting)
    this.vests = new VestsLayers(this.setting, options.small ?? false)
    this.cases = new CasesLayers(this.setting)
    this.map = new OlMap({
      controls: [new ScaleLine({ minWidth: 70 })],
      interactions: options.small ? [] : usualInteractions({ altShiftDragRotate: false, pinchRotate: false }),
      view,
      layers: [this.links.layer, this.vests.offDuty, this.vests.onDuty, this.cases.layer, this.cases.chosenLayer],
    })
    this.outlook = new Outlook(this.map, options.coveredPx ?? (() => 0), options.small ? 54 : 28)
    if (options.small) this.vests.offDuty.setVisible(true)
  }

  /** Put the map into this element, which needs `tabindex` for the keyboard. */
  mount(element: HTMLElement): void {
    this.map.setTarget(element)
    this.ground.mount(element)
    const viewport = this.map.getViewport()
    if (!this.options.small) this.listen(element)
    else if (viewport) viewport.style.touchAction = 'auto' // a finger on a still picture moves the page
    this.watcher = new ResizeObserver(() => {
      this.map.updateSize()
      this.ground.sized()
      this.outlook.sized()
    })
    this.watcher.observe(element)
    if (this.options.kept) this.outlook.restore(this.options.kept)
    this.aging = window.setInterval(() => this.vests.age(), AGE_MS)
  }

  private listen(element: HTMLElement): void {
    this.map.on('pointermove', (event) => this.point(event))
    this.map.on('click', (event) => this.press(event.pixel))
    this.map.on('movestart', () => this.hide())
    this.map.on('pointerdrag', () => this.outlook.moved())
    this.map.on('moveend', () => this.arrived())
    element.addEventListener('keydown', (event) => this.key(event))
    element.addEventListener('pointerdown', () => (this.byKeys = false))
    element.addEventListener('wheel', () => this.outlook.moved(), { passive: true })
    element.addEventListener('mouseleave', () => this.leave())
  }

  /** Leave the page. Returns where the officer was. */
  destroy(): Kept | null {
    const kept = this.outlook.keep()
    this.redraw.stop()
    this.hover.stop()
    window.clearInterval(this.aging)
    this.watcher?.disconnect()
    this.map.setTarget(undefined)
    this.map.dispose()
    this.ground.destroy()
    return kept
  }

  updatePlaces(places: readonly PlaceFeature[], station: string | undefined): void {
    this.home = this.ground.update(places, station)
    this.outlook.first(this.home, this.options.small ? 'around' : 'areas')
  }

  /** The cases as they are now. The map may be changed in place by its owner; identity tells which ones changed. */
  updateCases(cases: ReadonlyMap<string, Case>): void {
    this.nowCases = cases
    this.redraw.ask()
  }

  updateVests(vests: ReadonlyMap<string, Volunteer>): void {
    this.nowVests = vests
    this.redraw.ask()
  }

  choose(id: string | null): void {
    this.cases.choose(id)
  }

  /** Bring a case into the middle. */
  goTo(one: Case): void {
    if (one.location) this.outlook.go(boundingExtent([toMap(one.location)]), 16.5)
  }

  /** To the whole station, or to all that has a position when no areas are known. */
  goHome(): void {
    this.outlook.go(this.home ?? this.points())
  }

  zoomBy(step: number): void {
    this.outlook.zoomBy(step)
  }

  show(layer: LayerName, visible: boolean): void {
    if (layer === 'areas') this.ground.showAreas(visible)
    else if (layer === 'grids') this.ground.showGrids(visible)
    else this.vests[layer].setVisible(visible)
    this.hide()
  }

  theme(palette: Palette): void {
    this.setting.icons = new Icons(palette)
    this.restyle()
  }

  speak(words: MapWords): void {
    this.setting.words = words
    this.restyle()
  }

  private restyle(): void {
    for (const one of [this.ground, this.links, this.vests, this.cases]) one.restyle()
  }

  private draw(): void {
    const cases = takeDifferences(this.drawnCases, this.nowCases)
    const vests = takeDifferences(this.drawnVests, this.nowVests)
    if (cases.changed.length + cases.gone.length + vests.changed.length + vests.gone.length === 0) return
    this.cases.update(cases)
    this.vests.update(vests)
    this.links.update(linksOf(this.drawnCases, this.drawnVests))
    this.outlook.first(this.points(), 'points', this.options.small)
  }

  /** All that has a position. */
  private points(): Extent | null {
    const all = createEmpty()
    for (const { location } of this.drawnCases.values()) if (location) extend(all, boundingExtent([toMap(location)]))
    for (const { position, on_duty } of this.drawnVests.values()) {
      if (position && (on_duty || this.options.small)) extend(all, boundingExtent([toMap(position)]))
    }
    return isEmpty(all) ? null : all
  }

  private point(event: MapBrowserEvent): void {
    this.byKeys = false
    this.pointer = event.dragging ? null : event.pixel
    if (this.pointer) this.hover.ask()
  }

  private look(): void {
    const found = this.pointer && this.find(this.pointer)
    const element = this.map.getTargetElement()
    if (element) element.style.cursor = found ? 'pointer' : ''
    this.tell.spot(found ? found.spot : null)
  }

  private leave(): void {
    this.pointer = null
    this.tell.spot(null)
  }

  private hide(): void {
    this.leave()
    this.tell.pin(null)
  }

  private key(event: KeyboardEvent): void {
    if (event.key === 'Enter') {
      const middle = this.middle()
      if (middle) this.press(middle)
      return
    }
    this.byKeys = event.key.startsWith('Arrow') || event.key === '+' || event.key === '-'
    if (this.byKeys) this.outlook.moved()
  }

  private arrived(): void {
    const middle = this.middle()
    if (this.byKeys && middle) this.tell.spot(this.find(middle)?.spot ?? null)
  }

  private middle(): number[] | null {
    const size = this.map.getSize()
    return size ? size.map((one) => one / 2) : null
  }

  private press(pixel: number[]): void {
    const found = this.find(pixel)
    if (found === null) return this.hide()
    const [only, ...more] = found.cases
    if (only && more.length === 0) return this.tell.open(only.id)
    const extent = boundingExtent(found.cases.flatMap((one) => (one.location ? [toMap(one.location)] : [])))
    if (found.cases.length === 0 || this.outlook.tooClose(extent)) this.tell.pin(found.spot)
    else this.outlook.go(extent, 18)
  }

  private find(pixel: number[]): Found | null {
    const shown = [this.vests.onDuty, this.vests.offDuty].filter((layer) => layer.getVisible())
    const vests = shown.map((layer) => layer.getSource()).filter((one): one is VectorSource => one !== null)
    return spotAt(this.map, pixel, this.cases.sources(), vests)
  }
}
