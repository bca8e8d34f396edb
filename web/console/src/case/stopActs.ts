/** What an officer may record about a stop request, and what each act asks for. Pure. */
import type { Case, Freeze } from '@/api/types'
import type { FreezeDetail, OrderAccount, Unmasked } from './types'

/** `stopped` and `mismatch` are the bank's two answers. */
export type StopAct =
  | 'correct'
  | 'submit'
  | 'approve'
  | 'send'
  | 'stopped'
  | 'mismatch'
  | 'freeze'
  | 'renew'
  | 'return'
  | 'release'

export type FieldKind = 'line' | 'text' | 'moment' | 'sum' | 'tick' | 'lines'

export interface Field {
  name: string
  kind: FieldKind
  required: boolean
}

const field = (name: string, kind: FieldKind, required = false): Field => ({ name, kind, required })
const AT = field('at', 'moment', true)
const REFERENCE = field('reference', 'line')
const HELD = field('held', 'sum')
const DECIDED = [AT, field('chief', 'line', true), field('chief_at', 'moment', true), field('major', 'tick'), HELD, REFERENCE]
const FACTS = [
  field('facts', 'text'),
  field('account_name', 'line'),
  field('account', 'line'),
  field('bank', 'line'),
  field('other_name', 'line'),
  field('other_account', 'line'),
  field('other_bank', 'line'),
  field('amount', 'sum'),
  field('transferred_at', 'moment'),
  field('receipts', 'lines'),
]

/** The path of each act; the bank's answers share one. */
export const pathOf = (act: StopAct) => (act === 'stopped' || act === 'mismatch' ? 'answer' : act)

/** What the form of an act asks for. A release is confirmed only while the case is open. */
export function fieldsOf(act: StopAct, freeze: Freeze, one: Case): Field[] {
  const own = freeze.whose === 'own'
  const forms: Record<StopAct, Field[]> = {
    correct: FACTS,
    submit: [],
    approve: [],
    send: [],
    stopped: own ? [AT, field('until', 'moment'), HELD, REFERENCE] : [AT, HELD, REFERENCE],
    mismatch: [AT, field('words', 'line', true), REFERENCE],
    freeze: DECIDED,
    renew: DECIDED,
    return: [AT, field('returned', 'sum', true), REFERENCE],
    release: [AT, field('reason', 'line', true), REFERENCE, ...(one.state === 'closed' ? [] : [field('confirm', 'tick', true)])],
  }
  return forms[act]
}

/** What may be recorded next, the usual first. `me` is the officer's own name. */
export function actsOf(freeze: Freeze, detail: FreezeDetail | undefined, secondOfficer: boolean, me: string | undefined): StopAct[] {
  const suspect = freeze.whose === 'suspect'
  switch (freeze.state) {
    case 'draft':
    case 'mismatch':
      if (detail === undefined || detail.missing.length > 0) return ['correct']
      return [secondOfficer ? 'submit' : 'send', 'correct']
    case 'to_approve':
      if (!secondOfficer) return ['send', 'correct']
      return detail?.submitted_by === me ? ['correct'] : ['approve', 'correct']
    case 'sent':
      return ['stopped', 'mismatch']
    case 'stopped':
      return suspect ? ['freeze', 'release'] : ['release']
    case 'frozen':
    case 'renewed':
      return ['renew', 'return', 'release']
    case 'lapsed':
      if (!suspect || detail === undefined) return []
      return detail.steps.some(({ act }) => act === 'frozen') ? ['renew', 'return'] : ['freeze']
    default:
      return []
  }
}

const RUNNING = new Set(['stopped', 'frozen', 'renewed'])
/** Whether an end is being counted down to. */
export const runs = (freeze: Freeze) => freeze.until !== null && RUNNING.has(freeze.state)

export type Typed = Record<string, string | boolean>

/** The moment as a field of the station's wall clock shows it: `2026-04-29T16:10`; empty for none. */
export function wallTime(moment: string | number | null): string {
  const ms = moment === null ? NaN : new Date(moment).getTime()
  return Number.isNaN(ms) ? '' : new Date(ms + 8 * 3_600_000).toISOString().slice(0, 16)
}

const MOST_FACTS = 2000
const WITH_ZONE = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/

/** What happened, as the first warning order with a summary tells it. */
const factsOf = (whole: Unmasked) => (whole.summaries.find(({ summary }) => summary)?.summary ?? '').slice(0, MOST_FACTS)

/** What a bank must be told besides the account itself, as far as the warning order says it. */
export function restOfOrder(account: OrderAccount, whole: Unmasked): Record<string, string> {
  const suspect = account.whose === 'suspect'
  const own = suspect ? whole.accounts.find(({ whose }) => whose === 'own') : undefined
  const found = {
    facts: factsOf(whole),
    other_name: suspect ? whole.resident.name : null,
    other_account: own?.account,
    other_bank: own?.bank,
    transferred_at: suspect && WITH_ZONE.test(account.transferred_at ?? '') ? account.transferred_at : null,
  }
  return Object.fromEntries(Object.entries(found).filter((entry): entry is [string, string] => Boolean(entry[1])))
}

/** A form as it opens. A correction holds what the request says and, where it says nothing, what the warning order says. */
export function opening(act: StopAct, freeze: Freeze, detail: FreezeDetail | undefined, whole: Unmasked | null, now: number): Typed {
  if (act !== 'correct') return { at: wallTime(now), chief_at: wallTime(now) }
  const said = whole?.freezes.find(({ id }) => id === freeze.id)
  const own = whole?.accounts.find(({ whose }) => whose === 'own')
  const transfer = whole?.accounts.find((one) => one.whose === 'suspect' && one.account !== null && one.account === said?.account)
  const victim = { name: whole?.resident.name, account: own?.account, bank: own?.bank }
  const other = freeze.whose === 'suspect' ? victim : undefined
  return {
    facts: said?.facts ?? (whole ? factsOf(whole) : ''),
    account_name: said?.name ?? (freeze.whose === 'own' ? victim.name : transfer?.name) ?? '',
    account: said?.account ?? '',
    bank: said?.bank ?? transfer?.bank ?? '',
    other_name: said?.other_name ?? other?.name ?? '',
    other_account: said?.other_account ?? other?.account ?? '',
    other_bank: said?.other_bank ?? other?.bank ?? '',
    amount: said?.amount ?? transfer?.amount ?? '',
    transferred_at: wallTime(detail?.transferred_at ?? transfer?.transferred_at ?? null),
    receipts: (said?.receipts ?? []).join('\n'),
  }
}

/** A sum as the service takes it, null when none is given; undefined when it is none: `¥50,000` → `50000`. */
export function readSum(typed: string): string | null | undefined {
  const plain = typed.normalize('NFKC').replace(/[\s,¥元]/g, '')
  if (plain === '') return null
  return /^\d{1,14}(\.\d{1,2})?$/.test(plain) ? plain : undefined
}

const NAMES: Record<string, string> = { held: 'amount', returned: 'amount' }
/** The service's name of a field: what is held and what is returned are both an amount there. */
export const nameOf = (one: Field) => NAMES[one.name] ?? one.name

/** What is wrong with a form: which fields are empty and must not be, and which sums are none. */
export function faultsOf(fields: Field[], typed: Typed): Record<string, 'missing' | 'sum'> {
  const found: Record<string, 'missing' | 'sum'> = {}
  for (const one of fields) {
    const value = typed[one.name]
    const empty = typeof value === 'string' ? value.trim() === '' : !value
    if (one.required && empty) found[one.name] = 'missing'
    else if (one.kind === 'sum' && readSum(String(value ?? '')) === undefined) found[one.name] = 'sum'
  }
  return found
}

/** What is sent: the form without what is empty, its moments with the station's zone. */
export function bodyOf(act: StopAct, freeze: Freeze, fields: Field[], typed: Typed): Record<string, unknown> {
  const body: Record<string, unknown> = { version: freeze.version }
  if (pathOf(act) === 'answer') body['result'] = act
  if (act === 'correct') Object.assign(body, { whose: freeze.whose, asked_by: freeze.asked_by })
  for (const one of fields) {
    const value = valueOf(one, typed[one.name] ?? '')
    if (value !== null) body[nameOf(one)] = value
  }
  return body
}

function valueOf(one: Field, value: string | boolean): unknown {
  if (typeof value === 'boolean') return value || null
  const plain = value.trim()
  if (plain === '') return null
  if (one.kind === 'moment') return `${plain}:00+08:00`
  if (one.kind === 'sum') return readSum(plain)
  if (one.kind === 'lines') return plain.split('\n').map((line) => line.trim()).filter((line) => line !== '')
  return plain
}
