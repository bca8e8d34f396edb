/** One style a look, kept until the theme changes. */
import Icon from 'ol/style/Icon'
import Style from 'ol/style/Style'

import { drawn, RATIO } from './draw'
import { lookKey, type Look } from './looks'
import type { Palette } from './palette'

export class Icons {
  private readonly kept = new Map<string, Style>()

  constructor(readonly palette: Palette) {}

  styleOf(look: Look): Style {
    const key = lookKey(look)
    let style = this.kept.get(key)
    if (style === undefined) {
      style = new Style({ image: new Icon({ img: drawn(look, this.palette), scale: 1 / RATIO }) })
      this.kept.set(key, style)
    }
    return style
  }
}
