/** Desktop notifications: a browser has them only over https or on this machine, and only when allowed. */

export const possible = () => 'Notification' in window && window.isSecureContext

/** Ask the officer; true when they may be shown. */
export async function allow(): Promise<boolean> {
  return possible() && (await Notification.requestPermission()) === 'granted'
}

/** Show one while the page is not looked at; a later one with the same tag takes its place. */
export function notify(tag: string, title: string, body: string, open: () => void): void {
  if (!possible() || Notification.permission !== 'granted' || !document.hidden) return
  const notice = new Notification(title, { body, tag, requireInteraction: true })
  notice.onclick = () => {
    window.focus()
    open()
    notice.close()
  }
}
