/** Calls the officer's attention until every call is acknowledged by hand: sound, title, desktop notification. */
import { ElMessage } from 'element-plus'
import { defineStore } from 'pinia'
import { computed, onScopeDispose, ref, watch } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'

import type { Alarm, Case } from '@/api/types'
import { notify, withdrawExcept } from '@/live/notices'
import { sound } from '@/live/siren'
import { inOrderOfCalling } from '@/words/calls'
import { faultText } from '@/words/faults'
import { useCases } from './cases'
import { useClock } from './clock'
import { useDesk } from './desk'
import { useLevels } from './levels'
import { usePlaces } from './places'
import { usePreferences } from './preferences'
import { useSession } from './session'

/** One thing to acknowledge: an alarm of the service, or a new gravest case. */
export type Call = { id: string; at: string; alarm: Alarm; one: null } | { id: string; at: string; alarm: null; one: Case }

const EVERY_S = 4

export const useAttention = defineStore('attention', () => {
  const session = useSession()
  const desk = useDesk()
  const cases = useCases()
  const levels = useLevels()
  const preferences = usePreferences()
  const places = usePlaces()
  const clock = useClock()
  const router = useRouter()
  const { t } = useI18n({ useScope: 'global' })
  const soundBlocked = ref(false)
  let sounded = 0

  const calls = computed<Call[]>(() => {
    const alarms = desk.ringing.map((alarm): Call => ({ id: alarm.id, at: alarm.raised_at, alarm, one: null }))
    const fresh = [...desk.unseen.values()].map((one): Call => ({ id: one.id, at: one.opened_at, alarm: null, one }))
    return inOrderOfCalling([...fresh, ...alarms])
  })

  function titleOf(call: Call): string {
    return call.alarm ? t(`alarm.${call.alarm.kind}`) : t('shell.calls.newCase', { level: levels.nameOf('extreme') })
  }

  /** Where it is and which case; nothing for what is about no case, or one that is not open any more. */
  function placeOf(call: Call): string {
    const one = call.one ?? cases.byId.get(call.alarm.case_id ?? '')
    if (!one) return ''
    const place = one.community ? places.named(one.community, preferences.language) : t('queue.unknownPlace')
    return `${place} ${one.number}`
  }

  const open = (call: Call) => {
    const id = call.alarm ? call.alarm.case_id : call.one.id
    return router.push(id ? { name: 'case', params: { id } } : { name: 'alarms' })
  }

  const mayAcknowledge = (call: Call) => call.alarm === null || session.may('act on cases')

  /** Each of them that this officer may acknowledge; what went wrong is said, and the others are tried all the same. */
  async function acknowledge(...wanted: Call[]): Promise<void> {
    for (const call of wanted.filter(mayAcknowledge)) {
      try {
        if (call.alarm) await desk.acknowledge(call.id)
        else desk.see(call.id)
      } catch (problem) {
        ElMessage.error(t('shell.calls.failed', { why: faultText(problem, t('shell.unreachable')) }))
      }
    }
  }

  function begin(): void {
    watch(() => calls.value.map((call) => call.id).join(), announce, { immediate: true })
    watch(() => clock.now, remind)
    onScopeDispose(end)
  }

  /** Nobody sits here any more: nothing calls, on the desktop or in the title. */
  function end(): void {
    withdrawExcept(new Set())
    document.title = t('shell.title')
  }

  let known = new Set<string>()
  function announce(): void {
    for (const call of calls.value) {
      if (known.has(call.id) || !preferences.notifications) continue
      notify(call.id, titleOf(call), placeOf(call), () => void open(call))
    }
    const news = calls.value.some((call) => !known.has(call.id))
    known = new Set(calls.value.map((call) => call.id))
    withdrawExcept(known)
    if (news) ring()
    write()
  }

  function remind(): void {
    if (calls.value.length > 0 && clock.now - sounded > EVERY_S * 1000) ring()
    write()
  }

  function ring(): void {
    if (!preferences.sound) return
    sounded = clock.now
    soundBlocked.value = !sound()
  }

  function write(): void {
    const first = calls.value[0]
    const flash = first !== undefined && Math.floor(clock.now / 1000) % 2 === 0
    const count = calls.value.length > 0 ? `(${calls.value.length}) ` : ''
    document.title = flash ? `‼ ${titleOf(first)}` : `${count}${t('shell.title')}`
  }

  return { calls, soundBlocked, titleOf, placeOf, open, mayAcknowledge, acknowledge, begin }
})
