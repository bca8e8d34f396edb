/** The console's keys outside fields, as one list: what the help shows is what works. */

export interface Key {
  key: string
  text: string
}

export const SHELL_KEYS: readonly Key[] = [
  { key: 'j', text: 'shell.keys.next' },
  { key: 'k', text: 'shell.keys.previous' },
  { key: 'm', text: 'shell.keys.back' },
  { key: '/', text: 'shell.keys.search' },
  { key: 'a', text: 'shell.keys.acknowledge' },
  { key: 'v', text: 'shell.keys.check' },
  { key: 'o', text: 'shell.keys.handOver' },
  { key: '1-5', text: 'shell.keys.pages' },
  { key: '?', text: 'shell.keys.help' },
]

/** Whether the officer is typing, or a dialog is open: then letters are letters. One that is fading out is open no more. */
export function isTyping(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return true
  const target = event.target as HTMLElement | null
  if (target?.closest('input, textarea, select, [contenteditable], [role="combobox"], [role="menu"]')) return true
  return document.querySelector('.el-overlay:not([style*="display: none"], .dialog-fade-leave-active)') !== null
}
