/** Draws marks into small canvases, on the map and in its legend alike. Shape, letter and colour say the level together. */
import type { Level } from '@/api/types'
import type { CaseLook, Look, VestLook } from './looks'
import { faded, type Palette } from './palette'

/** As fine as the screen: a mark that needs no scaling is copied, which is quick without a GPU. */
export const RATIO = Math.max(1, Math.ceil(window.devicePixelRatio))

const SIZE = { one: 34, many: 44, chosen: 54, vest: 26, station: 28 }
const FILLED = { fresh: 1, old: 0.5, stale: 0.15, assumed: 0 }

/** Where marks are drawn before they are copied: a canvas that has written text keeps its own memory of fonts for good. */
let pad: HTMLCanvasElement | null = null

export function drawn(look: Look, palette: Palette): HTMLCanvasElement {
  const size = sizeOf(look)
  pad ??= document.createElement('canvas')
  pad.width = pad.height = size * RATIO // begins afresh
  const pen = pad.getContext('2d')
  const mark = document.createElement('canvas')
  mark.width = mark.height = size * RATIO
  if (pen === null) return mark
  pen.scale(RATIO, RATIO)
  pen.translate(size / 2, size / 2)
  pen.lineJoin = 'round'
  if (look.kind === 'case') drawCase(pen, look, palette)
  else if (look.kind === 'vest') drawVest(pen, look, palette)
  else drawStation(pen, palette)
  mark.getContext('2d')?.drawImage(pad, 0, 0)
  return mark
}

function sizeOf(look: Look): number {
  if (look.kind !== 'case') return SIZE[look.kind]
  return look.chosen ? SIZE.chosen : look.many ? SIZE.many : SIZE.one
}

function drawCase(pen: CanvasRenderingContext2D, look: CaseLook, palette: Palette): void {
  const radius = look.chosen ? 15 : look.many ? 15 : 11
  const colour = palette[look.colour]
  if (look.chosen) halo(pen, palette)
  shape(pen, look.level, radius + 2)
  pen.fillStyle = palette.surface
  pen.fill()
  if (look.ring) ring(pen, radius, palette)
  shape(pen, look.level, radius)
  pen.fillStyle = look.waiting ? colour : palette.surface
  pen.fill()
  pen.lineWidth = 2.5
  pen.strokeStyle = colour
  pen.stroke()
  write(pen, look, look.waiting ? palette['on-level'] : colour, palette.font)
  if (look.ring) exclaim(pen, radius, palette)
}

/** Stop sign, warning triangle, square, disc: known apart without colour. */
function shape(pen: CanvasRenderingContext2D, level: Level, radius: number): void {
  pen.beginPath()
  if (level === 'low') pen.arc(0, 0, radius, 0, 2 * Math.PI)
  else if (level === 'medium') pen.rect(-radius * 0.88, -radius * 0.88, radius * 1.76, radius * 1.76)
  else if (level === 'high') polygon(pen, 3, radius * 1.25, -Math.PI / 2, radius * 0.2)
  else polygon(pen, 8, radius * 1.08, Math.PI / 8, 0)
}

function polygon(pen: CanvasRenderingContext2D, corners: number, radius: number, turn: number, down: number): void {
  for (let corner = 0; corner < corners; corner++) {
    const angle = turn + (corner * 2 * Math.PI) / corners
    pen.lineTo(radius * Math.cos(angle), radius * Math.sin(angle) + down)
  }
  pen.closePath()
}

function write(pen: CanvasRenderingContext2D, look: CaseLook, colour: string, font: string): void {
  const narrow = look.level === 'high' ? 0.85 : 1
  const size = (look.many ? (look.text.length > 2 ? 12 : 14) : look.chosen ? 16 : 12) * narrow
  pen.font = `700 ${size}px ${font}`
  pen.textAlign = 'center'
  pen.textBaseline = 'middle'
  pen.fillStyle = colour
  pen.fillText(look.text, 0, look.level === 'high' ? 3 : 0.5)
}

function ring(pen: CanvasRenderingContext2D, radius: number, palette: Palette): void {
  pen.beginPath()
  pen.arc(0, 0, radius + 4.5, 0, 2 * Math.PI)
  pen.lineWidth = 2.5
  pen.strokeStyle = palette.late
  pen.stroke()
}

function exclaim(pen: CanvasRenderingContext2D, radius: number, palette: Palette): void {
  const at = radius * 0.72 + 2
  pen.beginPath()
  pen.arc(at, -at, 5.5, 0, 2 * Math.PI)
  pen.fillStyle = palette.late
  pen.fill()
  pen.lineWidth = 1
  pen.strokeStyle = palette.surface
  pen.stroke()
  pen.font = `700 9px ${palette.font}`
  pen.fillStyle = palette.surface
  pen.fillText('!', at, -at + 0.5)
}

function halo(pen: CanvasRenderingContext2D, palette: Palette): void {
  pen.strokeStyle = palette.text
  pen.lineWidth = 2
  pen.beginPath()
  pen.arc(0, 0, 23, 0, 2 * Math.PI)
  for (let quarter = 0; quarter < 4; quarter++) {
    const angle = (quarter * Math.PI) / 2
    pen.moveTo(19 * Math.cos(angle), 19 * Math.sin(angle))
    pen.lineTo(26 * Math.cos(angle), 26 * Math.sin(angle))
  }
  pen.stroke()
}

/** A vest: the fuller, the newer its position; a circle around it while on a task; struck through while off duty. */
function drawVest(pen: CanvasRenderingContext2D, look: VestLook, palette: Palette): void {
  const colour = !look.duty ? palette.muted : look.task ? palette.good : palette.accent
  if (look.task) {
    pen.beginPath()
    pen.arc(0, 0, 11.5, 0, 2 * Math.PI)
    pen.lineWidth = 1.5
    pen.strokeStyle = colour
    pen.stroke()
  }
  vest(pen)
  pen.fillStyle = palette.surface
  pen.fill()
  pen.fillStyle = faded(colour, look.duty ? FILLED[look.band] : 0)
  pen.fill()
  pen.setLineDash(look.band === 'assumed' ? [2.5, 2] : [])
  pen.lineWidth = 1.8
  pen.strokeStyle = colour
  pen.stroke()
  pen.setLineDash([])
  if (!look.duty) strike(pen)
}

function vest(pen: CanvasRenderingContext2D): void {
  const right: [number, number][] = [[2.5, -8], [5.5, -8], [5.5, -3], [7, 0], [7, 8]]
  pen.beginPath()
  pen.moveTo(0, -2)
  for (const [x, y] of right) pen.lineTo(x, y)
  for (const [x, y] of [...right].reverse()) pen.lineTo(-x, y)
  pen.closePath()
}

function strike(pen: CanvasRenderingContext2D): void {
  pen.beginPath()
  pen.moveTo(-8, 8)
  pen.lineTo(8, -8)
  pen.stroke()
}

function drawStation(pen: CanvasRenderingContext2D, palette: Palette): void {
  pen.beginPath()
  pen.rect(-11, -11, 22, 22)
  pen.fillStyle = palette.text
  pen.fill()
  pen.lineWidth = 2
  pen.strokeStyle = palette.surface
  pen.stroke()
  pen.beginPath()
  for (let point = 0; point < 10; point++) {
    const angle = -Math.PI / 2 + (point * Math.PI) / 5
    const radius = point % 2 === 0 ? 8.5 : 3.6
    pen.lineTo(radius * Math.cos(angle), radius * Math.sin(angle))
  }
  pen.closePath()
  pen.fillStyle = palette.surface
  pen.fill()
}
