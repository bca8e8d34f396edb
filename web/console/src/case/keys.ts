/** The keys of the case's page; they work while nothing is being typed and no dialog is open. */
import { isTyping, type Key } from '@/parts/keys'

export const CASE_KEYS: readonly Key[] = [
  { key: 'h', text: 'case.keys.hold' },
  { key: 's', text: 'case.keys.stop' },
  { key: 'l', text: 'case.keys.attempt' },
  { key: 'p', text: 'case.keys.person' },
  { key: 'g', text: 'case.keys.handOver' },
  { key: 'u', text: 'case.keys.unmask' },
  { key: 'c', text: 'case.keys.close' },
  { key: 'Esc', text: 'case.keys.back' },
]

export type CaseKey = 'h' | 's' | 'l' | 'p' | 'g' | 'u' | 'c'

const isCaseKey = (key: string): key is CaseKey => key.length === 1 && CASE_KEYS.some((one) => one.key === key)

/** Which act a key press means, if any. */
export function keyOf(press: KeyboardEvent): CaseKey | null {
  if (press.defaultPrevented || press.repeat || isTyping(press)) return null
  const key = press.key.toLowerCase()
  return isCaseKey(key) ? key : null
}
