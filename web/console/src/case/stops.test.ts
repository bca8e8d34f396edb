import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import type { Freeze } from '@/api/types'
import { aCase, aRecord, begin, NOW, Page, Service, WHOLE } from './testWorld'
import type { FreezePage } from './types'

vi.mock('@/parts/CaseMap.vue', () => ({ default: { render: () => null } }))

const STOP: Freeze = {
  id: 'f1',
  account: '****0099',
  whose: 'suspect',
  asked_by: 'police',
  state: 'sent',
  until: null,
  stop_no: null,
  version: 2,
}
const DETAIL = { id: 'f1', missing: [] as string[], transferred_at: null, held: null, submitted_by: null, steps: [] }
const NONE = { protected: '0.00', held: '0.00', returned: '0.00', lost: '0.00' }

let service: Service
let page: Page | null = null

async function open(stop: Partial<Freeze>, shown: Partial<FreezePage> = {}, changed = {}): Promise<void> {
  const one = aCase({ freezes: [{ ...STOP, ...stop }], ...changed })
  service = new Service(aRecord(one))
  service.answers['/freezes'] = { body: { requests: [DETAIL], money: NONE, second_officer: false, most_stops: 2, ...shown } }
  vi.stubGlobal('fetch', service.fetch)
  page = await Page.open()
}

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse(NOW), toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] })
  begin()
})
afterEach(() => {
  page?.close()
  page = null
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const row = () => page!.find('.freeze')?.textContent ?? ''
const buttons = () => [...document.querySelectorAll<HTMLElement>('.freeze [data-act]')].map((one) => one.dataset['act'])

describe('a stop request', () => {
  it('says which of two stops it is, until when, how long that is, and what the account holds', async () => {
    await open(
      { state: 'stopped', stop_no: 1, until: '2026-05-01T08:10:30.000Z' },
      { requests: [{ ...DETAIL, held: '42000.00' }], money: { ...NONE, held: '42000.00', lost: '8000.00' } },
    )
    expect(row()).toContain('已止付')
    expect(row()).toContain('第 1 次（最多 2 次）')
    expect(row()).toContain('还剩 2天 00:00')
    expect(row()).toContain('账户内 ¥42,000')
    expect(page!.find('.sums')?.textContent).toContain('未追到 ¥8,000')
    expect(buttons()).toEqual(['stop-freeze', 'stop-release'])
  })

  it('names what a bank must still be told', async () => {
    await open({ state: 'draft' }, { requests: [{ ...DETAIL, missing: ['facts', 'other_account'] }] })
    expect(row()).toContain('还缺：简要案情、对方账号')
    expect(buttons()).toEqual(['stop-correct'])
  })

  it("shows the bank's words of a mismatch", async () => {
    const step = { act: 'mismatched', by: 'liutang', at: NOW, recorded_at: NOW, words: '户名不符' }
    await open({ state: 'mismatch' }, { requests: [{ ...DETAIL, steps: [step] }] })
    expect(row()).toContain('户名不符')
  })

  it('shows no act to who may do none', async () => {
    begin(['see cases', 'read texts'], 'auditor')
    await open({})
    expect(buttons()).toEqual([])
  })

  it('is acted on in a closed case too: a freeze outlives it', async () => {
    await open({ state: 'frozen' }, {}, { state: 'closed', disposition: 'already_defrauded' })
    expect(buttons()).toEqual(['stop-renew', 'stop-return', 'stop-release'])
  })
})

describe('a request from the order', () => {
  const transfer = { whose: 'suspect', bank: '建设银行', name: '张甲', account: '6217', amount: '50000.00', transferred_at: '2026-04-29T07:30:00Z' }

  async function choose(): Promise<void> {
    await open({}, {}, { freezes: [] })
    service.answers['/unmask'] = { body: { ...WHOLE, accounts: [transfer], summaries: [{ alert_no: 'BA-1', summary: '正在转账' }] } }
    await page!.press('s')
    await page!.click('accounts')
    page!.find('.accounts button')?.click()
    await page!.settle()
  }

  it('takes with the account what else a bank must be told, and says so', async () => {
    await choose()
    expect(page!.text).toContain('也一并记下：简要案情、对方户名（事主或嫌疑人）、转账时间')
    service.answers['/freezes'] = { body: aCase() }
    await page!.click('record')
    const body = service.posts('/freezes')[0]?.body
    expect(body).toMatchObject({ account: '6217', facts: '正在转账', other_name: '王某丽', transferred_at: '2026-04-29T07:30:00Z' })
  })

  it('takes nothing with another account that was typed over it', async () => {
    await choose()
    const account = [...document.querySelectorAll('.el-form-item')].find((item) => item.textContent?.trim() === '账号')
    const input = account!.querySelector('input')!
    input.value = '6228'
    input.dispatchEvent(new Event('input', { bubbles: true }))
    await page!.settle()
    expect(page!.text).not.toContain('也一并记下')
  })
})

describe('an act', () => {
  it("records the bank's answer on the version that was seen, and twice with one key when the answer was lost", async () => {
    await open({})
    await page!.click('stop-stopped')
    expect(page!.find<HTMLInputElement>('[name="at"]')?.value).toBe('2026-04-29T16:10')
    await page!.type('[name="held"]', '42,000')
    service.answers['/answer'] = 'lost'
    await page!.click('stop-record')
    expect(page!.text).toContain('不会记两遍')
    service.answers['/answer'] = { body: aCase({ freezes: [{ ...STOP, state: 'stopped', version: 3 }] }) }
    await page!.click('stop-record')
    const [first, second] = service.posts('/answer')
    expect(second?.body).toEqual({ version: 2, result: 'stopped', at: '2026-04-29T16:10:00+08:00', amount: '42000' })
    expect(second?.key).toBe(first?.key)
    expect(page!.find('.notice')?.textContent).toContain('已记录：银行已止付')
    expect(page!.find('[data-act="stop-record"]')).toBeNull()
  })

  it('says what is empty before anything is sent', async () => {
    await open({})
    await page!.click('stop-mismatch')
    await page!.click('stop-record')
    expect(page!.text).toContain('必填')
    expect(service.posts('/answer')).toHaveLength(0)
  })

  it('names the field that the service found wrong', async () => {
    await open({ state: 'stopped' })
    await page!.click('stop-freeze')
    await page!.type('[name="chief"]', '陈局')
    service.answers['/freeze'] = { status: 422, body: { detail: 'too much', field: 'amount' } }
    await page!.click('stop-record')
    const field = [...document.querySelectorAll('.el-form-item')].find((item) => item.textContent?.includes('账户内金额'))
    expect(field?.querySelector('[role="alert"]')?.textContent).toBe('too much')
  })

  it('tells who was first', async () => {
    await open({})
    await page!.click('stop-stopped')
    service.answers['/answer'] = { status: 409, body: { detail: 'li was first: mismatched, 2026-04-29T08:09:00.000Z', field: 'version' } }
    await page!.click('stop-record')
    expect(page!.find('.notice')?.textContent).toContain('li 先处理了这条请求')
  })

  it('releases in an open case only when that is confirmed', async () => {
    await open({ state: 'stopped' })
    await page!.click('stop-release')
    await page!.type('[name="reason"]', '核实为正常交易')
    await page!.click('stop-record')
    expect(service.posts('/release')).toHaveLength(0)
    page!.find<HTMLInputElement>('[name="confirm"]')?.click()
    await page!.settle()
    await page!.click('stop-record')
    expect(service.posts('/release')[0]?.body).toMatchObject({ reason: '核实为正常交易', confirm: true, version: 2 })
  })

  it('corrects from the whole of the request, shown for a reason', async () => {
    await open({ state: 'draft' }, { requests: [{ ...DETAIL, missing: ['facts'] }] })
    const whole = { bank: '建设银行', name: '张某', account: '6217', amount: '50000.00', other_bank: null, other_name: null, other_account: null, facts: null, receipts: [] }
    service.answers['/unmask'] = { body: { ...WHOLE, freezes: [{ id: 'f1', ...whole }] } }
    await page!.click('stop-correct')
    expect(page!.find('[name="account"]')).toBeNull()
    await page!.click('stop-whole')
    expect(page!.find<HTMLInputElement>('[name="account"]')?.value).toBe('6217')
    await page!.type('[name="facts"]', '冒充公检法')
    service.answers['/correct'] = { body: aCase({ freezes: [{ ...STOP, state: 'draft', version: 3 }] }) }
    await page!.click('stop-record')
    expect(service.posts('/correct')[0]?.body).toMatchObject({ whose: 'suspect', account: '6217', facts: '冒充公检法', other_name: '王某丽' })
  })
})
