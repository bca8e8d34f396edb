/** The stations' buildings, with their names. */
import Feature from 'ol/Feature'
import Point from 'ol/geom/Point'
import VectorLayer from 'ol/layer/Vector'
import VectorSource from 'ol/source/Vector'
import Fill from 'ol/style/Fill'
import Stroke from 'ol/style/Stroke'
import Style from 'ol/style/Style'
import Text from 'ol/style/Text'

import { markOf, type Ground } from '../ground'
import { NAME_FONT, STILL, toMap, type Setting } from '../setting'

export class StationsLayer {
  readonly layer: VectorLayer

  constructor(private readonly setting: Setting) {
    this.layer = new VectorLayer({
      ...STILL,
      source: new VectorSource(),
      style: (one) => [this.setting.icons.styleOf({ kind: 'station' }), this.name(one.get('place'))],
    })
  }

  update(ground: Ground): void {
    const source = this.layer.getSource()
    source?.clear(true)
    source?.addFeatures(
      ground.stations.flatMap((place) => {
        const mark = markOf(place)
        return mark ? [new Feature({ geometry: new Point(toMap(mark)), place })] : []
      }),
    )
  }

  private name(place: Ground['stations'][number]): Style {
    const { palette } = this.setting.icons
    return new Style({
      text: new Text({
        text: this.setting.words.place(place),
        font: NAME_FONT,
        offsetY: 22,
        fill: new Fill({ color: palette.text }),
        stroke: new Stroke({ color: palette.surface, width: 4 }),
      }),
    })
  }
}
