/** What the levels are called and how they are marked: the station's own, or the usual. Pure. */
import type { Colour, Level } from '@/api/types'

/** The gravest first. */
export const LEVELS = ['extreme', 'high', 'medium', 'low'] as const satisfies Level[]

export const USUAL_COLOURS: Readonly<Record<Level, Colour>> = { extreme: 'purple', high: 'red', medium: 'yellow', low: 'blue' }

/** What a mark on the map says of a level, besides its shape. */
export interface LevelMark {
  letter: string
  colour: Colour
}

/** The class that brings a level's colour, as `--level`, to an element and to what is in it (styles/base.css). */
export const colourClass = (colour: Colour) => `level-${colour}`

/**
 * One letter for each name, so that a mark tells the levels apart: the first place at which all of them differ, as in
 * P1 and P2; else each one's first letter that no graver level has.
 */
export function lettersOf(names: readonly string[]): string[] {
  return apart(names).map((letter) => NUMERALS[letter] ?? letter)
}

/** In a mark 一 would be a dash. */
const NUMERALS: Readonly<Record<string, string>> = { 一: '1', 二: '2', 三: '3', 四: '4' }

function apart(names: readonly string[]): string[] {
  const spelled = names.map((name) => [...name.toUpperCase()].filter((letter) => letter.trim() !== ''))
  const shortest = Math.min(...spelled.map((letters) => letters.length))
  for (let place = 0; place < shortest; place += 1) {
    const here = spelled.map((letters) => letters[place] ?? '')
    if (new Set(here).size === here.length) return here
  }
  const taken = new Set<string>()
  return spelled.map((letters) => {
    const letter = letters.find((one) => !taken.has(one)) ?? letters[0] ?? ''
    taken.add(letter)
    return letter
  })
}
