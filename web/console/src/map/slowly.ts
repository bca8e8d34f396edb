/** A view of what the stores keep, taken at most once in a while: long lists need not follow every event. */
import { onScopeDispose, shallowRef, watchEffect, type ShallowRef } from 'vue'

import { Pace } from './pace'

/** `sources` names what `take` reads and must cost nothing; it is followed even when a kept map changes in place. */
export function slowly<T>(sources: () => unknown, take: () => T, everyMs: number): Readonly<ShallowRef<T>> {
  const value = shallowRef(take())
  const pace = new Pace(() => (value.value = take()), everyMs)
  watchEffect(() => {
    sources()
    pace.ask()
  })
  onScopeDispose(() => pace.stop())
  return value
}
