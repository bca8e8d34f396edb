/** What a mark on the map says, as data: the same look is drawn once and reused. */
import type { Case, Colour, Level, Volunteer } from '@/api/types'
import { LEVELS, type LevelMark } from '@/words/levels'
import { needsOfficer } from '@/words/urgency'
import { bandOf, type Band } from './ages'

type Marks = Readonly<Record<Level, LevelMark>>

export interface CaseLook {
  kind: 'case'
  level: Level
  colour: Colour
  /** The level's letter, or how many cases stand here. */
  text: string
  /** Nobody is on it yet. */
  waiting: boolean
  /** It waits for an officer. */
  ring: boolean
  chosen: boolean
  many: boolean
}

export interface VestLook {
  kind: 'vest'
  duty: boolean
  task: boolean
  band: Band
}

export interface StationLook {
  kind: 'station'
}

export type Look = CaseLook | VestLook | StationLook

export const lookKey = (look: Look) => Object.values(look).join('|')

/** Whether nobody is on the case yet: no volunteer accepted and no officer holds it. */
export const isWaiting = (one: Case) =>
  one.held_by === null && (one.state === 'new' || one.state === 'dispatching' || one.state === 'escalated')

export function caseLook(one: Case, marks: Marks, chosen = false): CaseLook {
  return {
    kind: 'case',
    level: one.level,
    colour: marks[one.level].colour,
    text: marks[one.level].letter,
    waiting: isWaiting(one),
    ring: needsOfficer(one),
    chosen,
    many: false,
  }
}

/** Several cases in one place: the worst level, how many, and whether any of them waits for somebody. */
export function crowdLook(cases: readonly Case[], marks: Marks): CaseLook {
  const level = worst(cases)
  return {
    kind: 'case',
    level,
    colour: marks[level].colour,
    text: String(cases.length),
    waiting: cases.some(isWaiting),
    ring: cases.some(needsOfficer),
    chosen: false,
    many: true,
  }
}

export function vestLook(one: Volunteer, position: NonNullable<Volunteer['position']>, now: number): VestLook {
  return { kind: 'vest', duty: one.on_duty, task: one.task !== null, band: bandOf(position, now) }
}

export function countsByLevel(cases: readonly Case[]): { level: Level; count: number }[] {
  return LEVELS.map((level) => ({ level, count: cases.filter((one) => one.level === level).length })).filter(
    ({ count }) => count > 0,
  )
}

function worst(cases: readonly Case[]): Level {
  return LEVELS.find((level) => cases.some((one) => one.level === level)) ?? 'low'
}
