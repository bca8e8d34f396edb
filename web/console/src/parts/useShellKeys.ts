/** Acts on the shell's keys while it is on the screen. */
import { onBeforeUnmount, onMounted } from 'vue'
import { useRouter } from 'vue-router'

import { useAttention } from '@/stores/attention'
import { useQueue } from '@/stores/queue'
import { isTyping } from './keys'

const PAGES = ['map', 'records', 'people', 'inbox', 'alarms']

/** What the shell opens when its key is pressed. */
interface Openers {
  help: () => unknown
  check: () => unknown
  handOver: () => unknown
}

export function useShellKeys(open: Openers): void {
  const router = useRouter()
  const queue = useQueue()
  const attention = useAttention()

  function beside(step: 1 | -1): void {
    const id = router.currentRoute.value.params['id']
    const next = queue.beside(typeof id === 'string' ? id : null, step)
    if (next) void router.push({ name: 'case', params: { id: next.id } })
  }

  async function search(): Promise<void> {
    if (document.getElementById('queue-search') === null) await router.push({ name: 'map' })
    document.getElementById('queue-search')?.focus()
  }

  const acts: Record<string, () => unknown> = {
    j: () => beside(1),
    k: () => beside(-1),
    m: () => router.push({ name: 'map' }),
    '/': search,
    a: () => attention.calls[0] && attention.acknowledge(attention.calls[0]),
    v: open.check,
    o: open.handOver,
    '?': open.help,
  }
  PAGES.forEach((name, index) => (acts[String(index + 1)] = () => router.push({ name })))

  function press(event: KeyboardEvent): void {
    const act = acts[event.key]
    if (!act || isTyping(event)) return
    event.preventDefault()
    void act()
  }

  onMounted(() => addEventListener('keydown', press))
  onBeforeUnmount(() => removeEventListener('keydown', press))
}
