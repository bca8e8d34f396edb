/** Every call the console makes, by the name of what it does (/openapi.json). */
import { call } from './http'
import type { About, Alarm, Case, CheckedTask, Colleague, InboxText, Me, PlaceFeature, Volunteer } from './types'

const ofCase = (id: string, act: string) => `/api/cases/${id}/${act}`

export const about = () => call<About>('/api/about')

export const signIn = (username: string, password: string, totp?: string) =>
  call<Me>('/api/session', { body: { username, password, ...(totp ? { totp } : {}) } })
/** `byItself`: only whether the session lives, without saying that its officer is there. */
export const whoAmI = (byItself = false) => call<Me>('/api/session', { byItself })
export const signOut = () => call<null>('/api/session', { method: 'DELETE' })
export const startEnrolment = () =>
  call<{ secret: string; otpauth_url: string }>('/api/session/totp', { method: 'POST' })
export const confirmEnrolment = (totp: string) => call<Me>('/api/session/totp/confirm', { body: { totp } })

export const places = (station?: string) =>
  call<{ features: PlaceFeature[] }>('/api/places', { query: { station } }).then((answer) => answer.features)
export const volunteers = (station?: string) => call<Volunteer[]>('/api/volunteers', { query: { station } })
export const setDuty = (id: string, onDuty: boolean) =>
  call<Volunteer>(`/api/volunteers/${id}/duty`, { body: { on_duty: onDuty } })
export const colleagues = (station?: string) => call<Colleague[]>('/api/officers', { query: { station } })

export const alarms = (station?: string, acknowledged = false) =>
  call<Alarm[]>('/api/alarms', { query: { station, acknowledged }, byItself: true })
export const acknowledgeAlarm = (id: string) => call<Alarm>(`/api/alarms/${id}/acknowledge`, { method: 'POST' })

export const inbox = (station?: string, handled = false) =>
  call<InboxText[]>('/api/inbox', { query: { station, handled }, byItself: true })
export const unmaskText = (id: string, reason: string) =>
  call<{ phone: string | null }>(`/api/inbox/${id}/unmask`, { body: { reason } })
export const handleText = (id: string) => call<InboxText>(`/api/inbox/${id}/handled`, { method: 'POST' })

export const holdCase = (id: string) => call<Case>(ofCase(id, 'hold'), { method: 'POST' })
export const releaseCase = (id: string) => call<Case>(ofCase(id, 'release'), { method: 'POST' })

/** Give all cases I hold to a colleague in one act. */
export const handOverAll = (to: string, note: string, station?: string) =>
  call<{ cases: string[] }>('/api/hand_over', { body: { to, note, ...(station ? { station } : {}) } })

/** Whose task a resident's check code belongs to; 404 when no task with it lives. */
export const checkCode = (code: string) => call<CheckedTask>('/api/checks', { body: { code } })
