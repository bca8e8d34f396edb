/** The keys of the case's page; they work while nothing is being typed. */
export const CASE_KEYS = [
  { key: 'h', text: 'case.keys.hold' },
  { key: 'l', text: 'case.keys.attempt' },
  { key: 's', text: 'case.keys.stop' },
  { key: 'u', text: 'case.keys.unmask' },
  { key: 'c', text: 'case.keys.close' },
  { key: 'Esc', text: 'case.keys.back' },
] as const

export type CaseKey = Exclude<(typeof CASE_KEYS)[number]['key'], 'Esc'>

const KEYS = new Set<string>(CASE_KEYS.map(({ key }) => key))
const TYPING = 'input, textarea, select, [contenteditable="true"], [role="dialog"], [role="combobox"], [role="menu"]'

/** Which act a key press means; null while somebody types, or a dialog is open. */
export function keyOf(press: KeyboardEvent): CaseKey | null {
  if (press.defaultPrevented || press.ctrlKey || press.altKey || press.metaKey || press.isComposing) return null
  if (press.target instanceof Element && press.target.closest(TYPING)) return null
  const key = press.key.toLowerCase()
  return KEYS.has(key) ? (key as CaseKey) : null
}
