/** What part of the world is looked at: the station at first, then wherever the officer went. */
import { getHeight, getWidth, isEmpty, type Extent } from 'ol/extent'
import type OlMap from 'ol/Map'

export interface Kept {
  center: number[]
  zoom: number
}

/** Better ones replace worse ones until the officer moves the map. `around`: no point is known yet. */
const RANK = { nothing: 0, around: 1, points: 2, areas: 3, kept: 4 } as const
export type Reason = keyof typeof RANK

const FIRST_ZOOM = 16 // no nearer at first, or one point alone would fill the world
const calm = matchMedia('(prefers-reduced-motion: reduce)').matches
const MOVE_MS = calm ? 0 : 250

export class Outlook {
  private fitted: Reason = 'nothing'
  private waiting: { extent: Extent; reason: Reason } | null = null

  /** `coveredPx`: how much of the map's right side something lies on. `marginPx`: what is kept free all around. */
  constructor(
    private readonly map: OlMap,
    private readonly coveredPx: () => number,
    private readonly marginPx: number,
  ) {}

  /**
   * Show this at first, unless something better was shown already, or as good and not to be shown `again`.
   * Waits until the map has a size: else it stays blank.
   */
  first(extent: Extent | null, reason: Reason, again = false): void {
    if (extent === null || isEmpty(extent)) return
    if (RANK[reason] < RANK[this.fitted] || (reason === this.fitted && !again)) return
    if (this.waiting && RANK[reason] < RANK[this.waiting.reason]) return
    this.waiting = { extent, reason }
    this.sized()
  }

  /** The map has got a size, or another one. */
  sized(): void {
    const [width = 0, height = 0] = this.map.getSize() ?? []
    if (this.waiting === null || width === 0 || height === 0) return
    const { extent, reason } = this.waiting
    this.waiting = null
    this.fitted = reason
    this.map.getView().fit(extent, { padding: this.padding(1), maxZoom: FIRST_ZOOM })
  }

  /** Back to where the officer left it. */
  restore(kept: Kept): void {
    this.map.getView().setCenter(kept.center)
    this.map.getView().setZoom(kept.zoom)
    this.fitted = 'kept'
  }

  keep(): Kept | null {
    const center = this.map.getView().getCenter()
    const zoom = this.map.getView().getZoom()
    return center && zoom !== undefined && this.fitted !== 'nothing' ? { center, zoom } : null
  }

  /** Asked for by the officer. */
  go(extent: Extent | null, maxZoom = 17): void {
    if (extent === null || isEmpty(extent)) return
    this.fitted = 'kept'
    this.map.getView().fit(extent, { padding: this.padding(1.5), maxZoom, duration: MOVE_MS })
  }

  zoomBy(step: number): void {
    const view = this.map.getView()
    const zoom = view.getZoom()
    this.fitted = 'kept'
    if (zoom !== undefined) view.animate({ zoom: view.getConstrainedZoom(zoom + step) ?? zoom + step, duration: MOVE_MS })
  }

  private padding(times: number): number[] {
    const margin = this.marginPx * times
    const covered = this.coveredPx()
    const roomy = (this.map.getSize()?.[0] ?? 0) > 3 * covered
    return [margin, margin + (roomy ? covered : 0), margin, margin]
  }

  moved(): void {
    this.fitted = 'kept'
  }

  /** Whether coming closer can no longer tell these apart. */
  tooClose(extent: Extent): boolean {
    const zoom = this.map.getView().getZoom() ?? 0
    return zoom >= 17.9 || Math.max(getWidth(extent), getHeight(extent)) < 3
  }
}
