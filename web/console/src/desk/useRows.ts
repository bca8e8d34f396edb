/** Walks through the rows of a list with j and k; a row is the element with its id in `data-row`. */
import { nextTick, ref, type Ref } from 'vue'

import { usePageKeys } from './usePageKeys'

export function useRows(list: Ref<HTMLElement | null>, ids: () => string[]) {
  const chosen = ref<string | null>(null)

  function focus(id: string | undefined): void {
    chosen.value = id ?? null
    const row = id && list.value?.querySelector<HTMLElement>(`[data-row="${CSS.escape(id)}"]`)
    if (row) row.focus()
  }

  function move(step: 1 | -1): void {
    const all = ids()
    const at = chosen.value === null ? -1 : all.indexOf(chosen.value)
    focus(all[at < 0 ? 0 : Math.max(0, Math.min(all.length - 1, at + step))])
  }

  /** The row is about to go: whoever reads with the keyboard goes on from the next one. */
  async function leave(id: string, act: () => Promise<void>): Promise<void> {
    const all = ids()
    const at = all.indexOf(id)
    const next = all[at + 1] ?? all[at - 1]
    const reading = list.value?.contains(document.activeElement) ?? false
    await act()
    await nextTick()
    if (reading && !ids().includes(id)) focus(next)
  }

  usePageKeys({ j: () => move(1), k: () => move(-1) })
  return { chosen, leave }
}
