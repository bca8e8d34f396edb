/** The words and colours of the levels, as the station set them: the case's own where it is known, else the chosen one. */
import { defineStore } from 'pinia'
import { computed } from 'vue'

import type { Colour, Level, LevelLook } from '@/api/types'
import { i18n } from '@/i18n'
import { colourClass, LEVELS, lettersOf, USUAL_COLOURS, type LevelMark } from '@/words/levels'
import { useSession } from './session'

export const useLevels = defineStore('levels', () => {
  const session = useSession()
  const { t, locale } = i18n.global

  function lookOf(level: Level, station = session.station): LevelLook | undefined {
    return station ? session.levels[station]?.[level] : undefined
  }

  const colourOf = (level: Level, station?: string): Colour => lookOf(level, station)?.colour ?? USUAL_COLOURS[level]
  const classOf = (level: Level, station?: string) => colourClass(colourOf(level, station))

  function nameOf(level: Level, station?: string): string {
    return lookOf(level, station)?.name[locale.value] ?? t(`level.${level}`)
  }

  /** The usual words have letters of their own: the first one of 一般 looks like a dash. */
  function marksOf(station?: string): Record<Level, LevelMark> {
    const usual = LEVELS.every((level) => nameOf(level, station) === t(`level.${level}`))
    const letters = usual ? LEVELS.map((level) => t(`map.letter.${level}`)) : lettersOf(LEVELS.map((level) => nameOf(level, station)))
    const marks = LEVELS.map((level, at) => [level, { letter: letters[at] ?? '', colour: colourOf(level, station) }])
    return Object.fromEntries(marks) as Record<Level, LevelMark>
  }

  /** What the filters offer. */
  const named = computed(() => LEVELS.map((level) => ({ level, name: nameOf(level) })))

  return { named, nameOf, colourOf, classOf, marksOf }
})
