/** Which of the open cases the officer looks at, and which one is chosen. */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'

import type { Case, Level } from '@/api/types'
import { useCases } from './cases'
import { useSession } from './session'

/** All is waiting and under way; the last two are drawn from both. */
export const FILTERS = ['all', 'waiting', 'underWay', 'officer', 'mine'] as const
export type Filter = (typeof FILTERS)[number]

const FOR_OFFICER = new Set(['withdrawal_asked', 'dissuaded_reported', 'money_moving', 'help_asked', 'not_arrived'])

export const useQueue = defineStore('queue', () => {
  const cases = useCases()
  const session = useSession()
  const filter = ref<Filter>('all')
  const level = ref<Level | 'all'>('all')
  const wanted = ref('')

  const passes: Record<Filter, (one: Case) => boolean> = {
    all: () => true,
    officer: (one) =>
      (one.state === 'escalated' && one.held_by === null) || one.flags.some((flag) => FOR_OFFICER.has(flag)),
    waiting: (one) => ['new', 'dispatching', 'escalated'].includes(one.state) && one.held_by === null,
    underWay: (one) => ['accepted', 'on_scene'].includes(one.state) || one.held_by !== null,
    mine: (one) => one.held_by !== null && one.held_by === session.me?.name,
  }

  const counts = computed(() => {
    const found = Object.fromEntries(FILTERS.map((name) => [name, 0])) as Record<Filter, number>
    for (const one of cases.queue) {
      for (const name of FILTERS) if (passes[name](one)) found[name] += 1
    }
    return found
  })

  const shown = computed(() => {
    const text = wanted.value.trim().toLowerCase()
    return cases.queue.filter(
      (one) =>
        passes[filter.value](one) &&
        (level.value === 'all' || one.level === level.value) &&
        (text === '' || matches(one, text)),
    )
  })

  function clear(): void {
    filter.value = 'all'
    level.value = 'all'
    wanted.value = ''
  }

  /** The case after (or before) the given one, in the order of the screen. */
  function beside(id: string | null, step: 1 | -1): Case | undefined {
    const at = shown.value.findIndex((one) => one.id === id)
    return shown.value[at < 0 ? 0 : Math.max(0, Math.min(shown.value.length - 1, at + step))]
  }

  return { filter, level, wanted, counts, shown, clear, beside }
})

function matches(one: Case, text: string): boolean {
  const words = [one.number, one.community, one.grid, one.resident.name, one.resident.phone, one.resident.address]
  return words.some((word) => word?.toLowerCase().includes(text))
}
