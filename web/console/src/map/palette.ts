/** The colours of the page (styles/base.css), read for the canvas; read again when the theme changes. */

const NAMES = [
  'ground',
  'surface',
  'raised',
  'line',
  'text',
  'muted',
  'accent',
  'purple',
  'red',
  'orange',
  'yellow',
  'blue',
  'green',
  'grey',
  'on-level',
  'late',
  'good',
] as const

export type Palette = Readonly<Record<(typeof NAMES)[number], string>> & { readonly font: string }

export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement)
  const colours = Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]))
  return { ...(colours as Record<(typeof NAMES)[number], string>), font: style.getPropertyValue('--font').trim() }
}

/** A `#rrggbb` colour with an opacity from 0 to 1. */
export function faded(colour: string, opacity: number): string {
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16))
  return `rgba(${red}, ${green}, ${blue}, ${opacity})`
}
