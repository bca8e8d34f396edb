/** Tells the service that the officer is still there, and warns before it ends a session nobody uses (idle exit). */
import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'

import * as api from '@/api/calls'
import { sound } from '@/live/siren'
import { useClock } from './clock'
import { useSession } from './session'

const TELL_EVERY_MS = 60_000
const WARN_MS = 5 * 60_000
const RING_EVERY_MS = 5_000

export const usePresence = defineStore('presence', () => {
  const session = useSession()
  const clock = useClock()
  const acted = ref(Date.now())
  let told = Date.now()
  let rang = 0

  /** Milliseconds until the session ends for want of use. */
  const leftMs = computed(() => {
    const allowed = (session.me?.idle_minutes ?? 0) * 60_000
    return allowed > 0 ? acted.value + allowed - Date.now() + 0 * clock.now : Infinity
  })
  const warns = computed(() => leftMs.value < WARN_MS)

  function act(): void {
    acted.value = Date.now()
    if (acted.value - told < TELL_EVERY_MS || session.me === null) return
    told = acted.value
    api.whoAmI().catch(() => {}) // told again with the next act
  }

  function begin(): void {
    for (const kind of ['pointerdown', 'keydown', 'wheel']) addEventListener(kind, act, { passive: true })
    watch(
      () => clock.now,
      (now) => {
        if (!warns.value || now - rang < RING_EVERY_MS) return
        rang = now
        sound()
      },
    )
    watch(
      () => session.me,
      () => (told = acted.value = Date.now()),
    )
  }

  return { leftMs, warns, begin }
})
