/** A page's own keys: they come before the shell's while the page is on the screen. */
import { onBeforeUnmount, onMounted } from 'vue'

import { isTyping } from '@/parts/keys'

export function usePageKeys(acts: Record<string, () => void>): void {
  function press(event: KeyboardEvent): void {
    const act = acts[event.key]
    if (!act || isTyping(event)) return
    event.preventDefault()
    event.stopImmediatePropagation()
    act()
  }

  onMounted(() => addEventListener('keydown', press, { capture: true }))
  onBeforeUnmount(() => removeEventListener('keydown', press, { capture: true }))
}
