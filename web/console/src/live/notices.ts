/** Desktop notifications: a browser has them only over https or on this machine, and only when allowed. */

export const possible = () => 'Notification' in window && window.isSecureContext

/** Ask the officer; true when they may be shown. */
export async function allow(): Promise<boolean> {
  return possible() && (await Notification.requestPermission()) === 'granted'
}

const shown = new Map<string, Notification>()

/** Show one while the console is not what the officer works in; a later one with the same tag takes its place. */
export function notify(tag: string, title: string, body: string, open: () => void): void {
  if (!possible() || Notification.permission !== 'granted' || document.hasFocus()) return
  const notice = new Notification(title, { body, tag, requireInteraction: true })
  shown.set(tag, notice)
  notice.onclick = () => {
    window.focus()
    open()
    notice.close()
  }
}

/** Take away those that call for nothing any more. */
export function withdrawExcept(tags: ReadonlySet<string>): void {
  for (const [tag, notice] of shown) {
    if (tags.has(tag)) continue
    notice.close()
    shown.delete(tag)
  }
}
