/** Asking for a case's personal data, for a reason that the audit keeps: one request at a time. */
import { ref, shallowRef } from 'vue'

import * as api from '@/api/caseCalls'
import type { Unmasked } from './types'

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
