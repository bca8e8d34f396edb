/** The case a page is about, for all parts of the page. */
import { inject, provide, type ComputedRef, type InjectionKey, type Ref, type ShallowRef } from 'vue'

import type { Case } from '@/api/types'
import type { CaseRecord, Unmasked } from './types'

export interface ThisCase {
  one: ComputedRef<Case>
  record: Readonly<ShallowRef<CaseRecord | null>>
  /** Whether this officer may act, and the case is open. */
  acting: ComputedRef<boolean>
  /** Another officer's name, when the case is in their hands. */
  others: ComputedRef<string | null>
  mine: ComputedRef<boolean>
  /** Personal data, whole, for a minute. */
  open: Readonly<ShallowRef<Unmasked | null>>
  show: (data: Unmasked) => void
  mask: () => void
  /** Milliseconds until it is masked again. */
  openMs: ComputedRef<number>
  /** A volunteer's name by id; an officer's name is given back as it is. */
  nameOf: (id: string) => string
  /** The answer to an act. */
  took: (one: Case) => void
  reread: () => Promise<void>
  /** Tell the officer what became of an act. */
  say: (text: string, tone?: 'good' | 'late') => void
  /** What an act asks for next, anywhere on the page. */
  ask: Ref<Ask | null>
}

export type Ask = 'attempt' | 'stop' | 'unmask' | 'close' | 'reopen' | 'handOver' | 'person'

const KEY: InjectionKey<ThisCase> = Symbol('case')

export const provideThisCase = (here: ThisCase) => provide(KEY, here)

export function useThisCase(): ThisCase {
  const here = inject(KEY)
  if (!here) throw new Error('no case around this part')
  return here
}
