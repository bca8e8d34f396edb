/** Seeing personal data whole, for a reason that the audit keeps; after a minute it is masked again. */
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'

import * as api from '@/api/caseCalls'
import { useClock } from '@/stores/clock'
import type { Unmasked } from './types'

export const SHOWN_MS = 60_000

/** The data and its clock, for the page that owns them. */
export function useOpenData() {
  const clock = useClock()
  const open = shallowRef<Unmasked | null>(null)
  const until = ref(0)
  const openMs = computed(() => Math.max(0, until.value - clock.now))

  function show(data: Unmasked): void {
    until.value = clock.now + SHOWN_MS
    open.value = data
  }

  function mask(): void {
    open.value = null
  }

  watch(openMs, (left) => left === 0 && mask())
  onScopeDispose(mask)
  return { open, openMs, show, mask }
}

/** Asking for it: one request at a time. */
export function useUnmask(id: () => string, show: (data: Unmasked) => void) {
  const busy = ref(false)
  const fault = shallowRef<unknown>(null)

  async function unmask(reason: string): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    fault.value = null
    try {
      show(await api.unmask(id(), reason))
      return true
    } catch (problem) {
      fault.value = problem
      return false
    } finally {
      busy.value = false
    }
  }

  return { busy, fault, unmask }
}
