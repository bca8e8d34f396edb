/** For tests: a case with its history, a service that answers, and the page on a screen. */
import { createPinia, setActivePinia } from 'pinia'
import { vi } from 'vitest'
import { createApp, nextTick, type App } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'

import type { Case, Me } from '@/api/types'
import { i18n } from '@/i18n'
import { useSession } from '@/stores/session'
import CaseDesk from './CaseDesk.vue'
import { useDraft } from './drafts'
import type { CaseRecord, Unmasked } from './types'

export const NOW = '2026-04-29T08:10:00.000Z'
const DUTY = ['see cases', 'read texts', 'act on cases', 'unmask personal data', 'see volunteers']

export function aCase(changed: Partial<Case> = {}): Case {
  return {
    id: 'c1',
    number: 'LT-20260429-003',
    level: 'extreme',
    kind: 'fund',
    fraud_type: 'impersonating_authorities',
    state: 'accepted',
    held_by: null,
    disposition: null,
    flags: [],
    opened_at: '2026-04-29T08:00:00.000Z',
    alerts: 1,
    resident: { name: '王**', phone: '138****0001', address: '桃源社区12栋' },
    location: { lon: 113.87, lat: 22.57 },
    community: '桃源社区',
    grid: null,
    deadlines: [{ what: 'meet', at: '2026-04-29T08:20:00.000Z', met_at: null }],
    offers: [{ id: 'o1', volunteer: 'v1', state: 'accepted', wave: 1, eta_s: 240, reason: { zh: '最快', en: 'soonest' } }],
    contacts: [],
    freezes: [],
    ...changed,
  }
}

export function aRecord(one: Case, changed: Partial<CaseRecord> = {}): CaseRecord {
  return {
    case: one,
    signed_at: null,
    closed_at: null,
    money: [{ at_risk: '10000000.00', currency: 'CNY' }],
    alerts: [],
    kin: [],
    volunteers: [{ id: 'v1', name: '吴美玲', kind: 'vest', on_duty: true, position: null, task: 'c1' }],
    plan: [],
    contacts_detail: [],
    texts: [],
    events: [],
    earlier: [],
    similar: [],
    ...changed,
  }
}

export const WHOLE: Unmasked = {
  resident: { name: '王某丽', phone: '+8613800000001', address: '桃源社区12栋1204' },
  kin: [],
  accounts: [{ whose: 'own', bank: '工商银行', name: null, account: '6222000000000000017', amount: null, transferred_at: null }],
  freezes: [],
  volunteers: [],
  summaries: [],
}

export interface Asked {
  path: string
  body: Record<string, unknown> | null
  key: string | null
}

type Answer = { status?: number; body: unknown } | 'lost'

/** Stands in for the service: `answers` by the end of the path; what was asked is kept. */
export class Service {
  asked: Asked[] = []
  answers: Record<string, Answer | (() => Answer | Promise<Answer>)> = {}

  constructor(public record: CaseRecord) {}

  readonly fetch = async (url: string, request: RequestInit): Promise<Response> => {
    const headers = request.headers as Record<string, string>
    const body = typeof request.body === 'string' ? (JSON.parse(request.body) as Record<string, unknown>) : null
    this.asked.push({ path: url, body, key: headers['idempotency-key'] ?? null })
    const found = Object.entries(this.answers).find(([end]) => url.endsWith(end))?.[1]
    const answer = typeof found === 'function' ? await found() : (found ?? this.usual(url))
    if (answer === 'lost') throw new TypeError('lost')
    return new Response(JSON.stringify(answer.body), { status: answer.status ?? 200 })
  }

  posts(end: string): Asked[] {
    return this.asked.filter(({ path, body }) => path.endsWith(end) && body !== null)
  }

  reads(): number {
    return this.asked.filter(({ path }) => path === `/api/cases/${this.record.case.id}`).length
  }

  private usual(url: string): Answer {
    if (url === `/api/cases/${this.record.case.id}`) return { body: this.record }
    if (url.endsWith('/unmask')) return { body: WHOLE }
    if (/\/(hold|release|contacts|freezes|close)$/.test(url)) return { body: this.record.case }
    return { status: 404, body: { detail: 'there is no such thing' } }
  }
}

export function begin(permissions = DUTY, role = 'duty'): void {
  document.body.innerHTML = '<main id="content"></main>'
  i18n.global.locale.value = 'zh'
  setActivePinia(createPinia())
  const me: Me = { name: 'liutang', role, place: '440306-LT', stations: ['440306-LT'], permissions, needs_enrolment: false, idle_minutes: 30 }
  // Drafts are one officer's: another one at the desk clears them.
  useSession().$patch({ me: { ...me, name: 'another' } })
  useDraft('c1', 'attempt', () => ({}))
  useSession().$patch({ me })
}

export class Page {
  private constructor(private readonly app: App) {}

  static async open(id = 'c1'): Promise<Page> {
    const router = createRouter({
      history: createMemoryHistory(),
      routes: [
        { path: '/', name: 'map', component: { template: '' } },
        { path: '/cases/:id', name: 'case', component: { template: '' } },
      ],
    })
    const app = createApp(CaseDesk, { id }).use(i18n).use(router)
    app.mount(document.getElementById('content')!.appendChild(document.createElement('div')))
    const page = new Page(app)
    await page.settle()
    return page
  }

  get text(): string {
    return document.body.textContent ?? ''
  }

  /** Let answers arrive and the screen be drawn. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 12; turn += 1) {
      if (turn === 6) vi.advanceTimersByTime(150) // fields show what is wrong a moment later
      await nextTick()
      await Promise.resolve()
    }
  }

  find<T extends HTMLElement = HTMLElement>(selector: string): T | null {
    return document.querySelector<T>(selector)
  }

  async click(act: string): Promise<void> {
    const button = this.find(`[data-act="${act}"]`)
    if (!button) throw new Error(`there is no button ${act}`)
    button.click()
    await this.settle()
  }

  async press(key: string, on: EventTarget = document.body): Promise<void> {
    on.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))
    await this.settle()
  }

  async type(selector: string, text: string): Promise<void> {
    const field = this.find<HTMLInputElement>(selector)!
    field.value = text
    field.dispatchEvent(new Event('input', { bubbles: true }))
    await this.settle()
  }

  async choose(value: string): Promise<void> {
    this.find<HTMLInputElement>(`input[type="radio"][value="${value}"]`)!.click()
    await this.settle()
  }

  close(): void {
    this.app.unmount()
  }
}
