/** A list of cases that grows page by page. */
import { ref, shallowRef } from 'vue'

import type { CasesFound } from '@/api/deskCalls'
import type { Case } from '@/api/types'

export function usePages(read: (after?: string) => Promise<CasesFound>) {
  const cases = shallowRef<Case[]>([])
  const total = ref<number | null>(null)
  const next = ref<string | null>(null)
  const fault = shallowRef<unknown>(null)
  const busy = ref(false)
  let turn = 0

  /** The first page, of what is asked for now. */
  async function begin(): Promise<void> {
    cases.value = []
    total.value = null
    next.value = null
    await take()
  }

  async function more(): Promise<void> {
    if (next.value !== null && !busy.value) await take(next.value)
  }

  /** The page that could not be read. */
  const retry = () => take(next.value ?? undefined)

  async function take(after?: string): Promise<void> {
    const mine = ++turn
    busy.value = true
    fault.value = null
    try {
      const page = await read(after)
      if (mine !== turn) return
      cases.value = [...cases.value, ...page.cases]
      total.value = page.total
      next.value = page.next
    } catch (problem) {
      if (mine === turn) fault.value = problem
    } finally {
      if (mine === turn) busy.value = false
    }
  }

  return { cases, total, next, fault, busy, begin, more, retry }
}
