/** Meridians and parallels on a plain ground, for when no areas are known. */
import Graticule from 'ol/layer/Graticule'
import Fill from 'ol/style/Fill'
import Stroke from 'ol/style/Stroke'
import Text from 'ol/style/Text'

import { faded, type Palette } from '../palette'
import { SMALL_FONT } from '../setting'

const INTERVALS = [10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001]

export function graticule(palette: Palette): Graticule {
  const label = (offset: Partial<{ textAlign: CanvasTextAlign; textBaseline: CanvasTextBaseline }>) =>
    new Text({
      font: SMALL_FONT,
      fill: new Fill({ color: palette.muted }),
      stroke: new Stroke({ color: palette.ground, width: 3 }),
      ...offset,
    })
  return new Graticule({
    intervals: INTERVALS,
    targetSize: 140,
    showLabels: true,
    wrapX: false,
    strokeStyle: new Stroke({ color: faded(palette.muted, 0.4), width: 1 }),
    lonLabelFormatter: (lon) => `${Number(lon.toFixed(4))}°E`,
    latLabelFormatter: (lat) => `${Number(lat.toFixed(4))}°N`,
    lonLabelPosition: 1,
    latLabelPosition: 0,
    lonLabelStyle: label({ textBaseline: 'top' }),
    latLabelStyle: label({ textAlign: 'start' }),
  })
}
