/** Something read from the service for one page: its value, why it could not be read, and reading it again. */
import { ref, shallowRef } from 'vue'

export function useReading<T>(read: () => Promise<T>) {
  const value = shallowRef<T | null>(null)
  const fault = shallowRef<unknown>(null)
  const busy = ref(false)
  let turn = 0
  let wanted = false

  /** Read now; only the newest answer counts, so that a slow one never covers it. */
  async function again(): Promise<void> {
    const mine = ++turn
    busy.value = true
    wanted = false
    try {
      const got = await read()
      if (mine !== turn) return
      value.value = got
      fault.value = null
    } catch (problem) {
      if (mine === turn) fault.value = problem
    } finally {
      if (mine === turn) busy.value = false
    }
    if (mine === turn && wanted) await again()
  }

  /** Something has changed: read, or once more after the reading under way. */
  async function nudge(): Promise<void> {
    if (busy.value) wanted = true
    else await again()
  }

  /** Something else is asked for from now on: what was read does not answer it. */
  async function afresh(): Promise<void> {
    value.value = null
    fault.value = null
    await again()
  }

  return { value, fault, busy, again, nudge, afresh }
}
