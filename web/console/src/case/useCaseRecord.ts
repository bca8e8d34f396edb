/** One case with its history: read once, then again whenever the feed says that there is something newer. */
import { onScopeDispose, ref, shallowRef, watch } from 'vue'

import * as api from '@/api/caseCalls'
import type { Case } from '@/api/types'
import { useCases } from '@/stores/cases'
import type { CaseRecord } from './types'

const CALM_MS = 300
const LONGEST_MS = 1500

export function useCaseRecord(id: string) {
  const cases = useCases()
  const record = shallowRef<CaseRecord | null>(null)
  const one = shallowRef<Case | null>(cases.byId.get(id) ?? null)
  const fault = shallowRef<unknown>(null)
  const reading = ref(false)
  let turn = 0
  let timer: number | undefined
  let waitingSince = 0
  let news = 0

  /** Read now. What the feed said meanwhile is newer than the answer, and is kept. */
  async function read(): Promise<void> {
    window.clearTimeout(timer)
    waitingSince = 0
    const mine = ++turn
    const before = news
    reading.value = true
    try {
      const answer = await api.readCase(id)
      if (mine !== turn) return
      record.value = answer
      if (news === before) one.value = answer.case
      fault.value = null
    } catch (problem) {
      if (mine === turn) fault.value = problem
    } finally {
      if (mine === turn) reading.value = false
    }
  }

  /** Soon, once the news has calmed down; in a storm of events now and then all the same. */
  function readSoon(): void {
    const now = Date.now()
    waitingSince ||= now
    window.clearTimeout(timer)
    timer = window.setTimeout(() => void read(), Math.max(0, Math.min(CALM_MS, waitingSince + LONGEST_MS - now)))
  }

  /** The answer to our own act. The queue hears of it by the feed, where nothing older follows what is newer. */
  function took(answer: Case): void {
    news += 1
    one.value = answer
    readSoon()
  }

  watch([() => cases.touched.get(id), () => cases.byId.get(id)], ([, told]) => {
    if (told && told !== one.value) {
      news += 1
      one.value = told
    }
    readSoon()
  })
  onScopeDispose(() => {
    turn += 1
    window.clearTimeout(timer)
  })

  void read()
  return { record, one, fault, reading, read, took }
}
