/** Personal data shown whole, for a minute: then it is masked again. */
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'

import { useClock } from '@/stores/clock'

const SHOWN_MS = 60_000

export function useBriefly<T>() {
  const clock = useClock()
  const open = shallowRef<T | null>(null)
  const until = ref(0)
  const openMs = computed(() => Math.max(0, until.value - clock.now))

  function show(data: T): void {
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
