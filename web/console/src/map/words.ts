/** The map's words in the officer's language. */
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'

import type { PlaceFeature, Volunteer } from '@/api/types'
import { useClock } from '@/stores/clock'
import { useLevels } from '@/stores/levels'
import { usePeople } from '@/stores/people'
import { ageOf } from './ages'
import { etaMinutes } from './links'
import type { MapWords } from './setting'

/** `station` is whose words the levels have, where it need not be the chosen one. */
export function useMapWords(station?: () => string | undefined) {
  const { t, locale } = useI18n()
  const clock = useClock()
  const levels = useLevels()
  const people = usePeople()

  const words = computed<MapWords>(() => {
    const english = locale.value === 'en'
    return {
      marks: levels.marksOf(station?.()),
      place: ({ properties: { name, name_en } }: PlaceFeature) => (english && name_en ? name_en : name),
      eta: (seconds) => t('map.eta', { count: etaMinutes(seconds) }),
      arrived: t('map.arrived'),
      person: people.nameOf,
    }
  })

  /** Where a person is, from what, and how old that is. */
  function positionText({ position }: Volunteer): string {
    if (position === null) return t('map.unplaced')
    const { unit, count } = ageOf(position.at, clock.now)
    const said = { source: t(`positionSource.${position.source}`), age: t(`map.age.${unit}`, { count }) }
    return t(position.source === 'page' ? 'map.seen' : 'map.registered', said)
  }

  return { words, positionText }
}
