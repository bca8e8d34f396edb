/** For tests: an officer of two stations, of which the first has Qingdao's words and colours. */
import type { Level, LevelLook, Me } from '@/api/types'
import { i18n } from '@/i18n'
import { useSession } from './session'

export const QINGDAO: Record<Level, LevelLook> = {
  extreme: { name: { zh: '紧急', en: 'Urgent' }, colour: 'red' },
  high: { name: { zh: '高', en: 'High' }, colour: 'yellow' },
  medium: { name: { zh: '中', en: 'Medium' }, colour: 'blue' },
  low: { name: { zh: '低', en: 'Low' }, colour: 'green' },
}

export const USUAL: Record<Level, LevelLook> = {
  extreme: { name: { zh: '特急', en: 'Extreme' }, colour: 'purple' },
  high: { name: { zh: '紧急', en: 'High' }, colour: 'red' },
  medium: { name: { zh: '较急', en: 'Medium' }, colour: 'yellow' },
  low: { name: { zh: '一般', en: 'Low' }, colour: 'blue' },
}

export const signedIn = (levels: Me['levels'] = { SN: QINGDAO, LT: USUAL }): Me => ({
  name: 'li.na',
  role: 'duty',
  place: '370200',
  stations: ['SN', 'LT'],
  ...(levels ? { levels } : {}),
  permissions: ['see cases', 'watch the live feed'],
  needs_enrolment: false,
  idle_minutes: 30,
})

export function seated(language: 'zh' | 'en' = 'zh', me = signedIn()): void {
  localStorage.clear()
  i18n.global.locale.value = language
  useSession().me = me
}
