/** The requests of the case with their steps and sums; read again whenever one of them has changed. */
import { computed, shallowRef, watch } from 'vue'

import { readStops } from '@/api/caseCalls'
import { useThisCase } from './thisCase'
import type { FreezeDetail, FreezePage } from './types'

export function useStops() {
  const { one } = useThisCase()
  const page = shallowRef<FreezePage | null>(null)
  const details = computed(() => new Map<string, FreezeDetail>(page.value?.requests.map((row) => [row.id, row])))
  const changes = computed(() => one.value.freezes.map(({ id, version }) => `${id} ${version}`).join())
  let turn = 0

  /** What cannot be read now is read at the next change; the rows stand without it. */
  async function read(): Promise<void> {
    const mine = ++turn
    const found = await readStops(one.value.id).catch(() => null)
    if (mine === turn && found) page.value = found
  }

  watch(changes, (now) => now !== '' && void read(), { immediate: true })
  return { page, details }
}
