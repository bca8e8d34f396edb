/** One act at a time: shows that it is under way, cannot be done twice, tells what became of it. */
import { ref, shallowRef } from 'vue'
import { useI18n } from 'vue-i18n'

import { actKey, Problem } from '@/api/http'
import type { Case } from '@/api/types'
import { refusalText } from './refusals'
import { useThisCase } from './thisCase'

export function useAct() {
  const here = useThisCase()
  const { t } = useI18n()
  const busy = ref(false)
  const fault = shallowRef<unknown>(null)

  /** True when it was done. Somebody else was first: the page tells who, and shows the case as it is now. */
  async function act(run: () => Promise<Case>, done: string): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    fault.value = null
    try {
      here.took(await run())
      here.say(done)
      return true
    } catch (problem) {
      fault.value = problem
      here.say(refusalText(problem, t), 'late')
      if (problem instanceof Problem && [403, 404, 409].includes(problem.status)) await here.reread()
      return false
    } finally {
      busy.value = false
    }
  }

  /** What is wrong with a field of the form. */
  function wrong(field: string): string {
    return fault.value instanceof Problem && fault.value.status === 422 && fault.value.field === field
      ? refusalText(fault.value, t)
      : ''
  }

  return { busy, fault, act, wrong }
}

/** A key for one deliberate act: the same while what is asked stays the same, so that a lost answer doubles nothing. */
export function useRepeatKey() {
  let asked = ''
  let key = ''

  function keyFor(content: unknown): string {
    const now = JSON.stringify(content)
    if (key === '' || now !== asked) key = actKey()
    asked = now
    return key
  }

  return { keyFor, done: () => (key = '') }
}
