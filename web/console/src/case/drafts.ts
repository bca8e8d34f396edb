/** What is being typed about a case stays until it is sent, also while the officer looks at another case. */
import { reactive } from 'vue'

import { useSession } from '@/stores/session'

const kept = new Map<string, object>()
let owner: string | undefined

/** The draft of a form of a case; `empty` is what a fresh one holds. */
export function useDraft<T extends object>(caseId: string, form: string, empty: () => T) {
  const me = useSession().me?.name
  if (me !== owner) kept.clear()
  owner = me
  const key = `${caseId}/${form}`
  const draft = (kept.get(key) as T | undefined) ?? (reactive(empty()) as T)
  kept.set(key, draft)
  const clear = () => Object.assign(draft, empty())
  return { draft, clear }
}
