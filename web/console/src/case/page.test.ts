import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { useCases } from '@/stores/cases'
import { useSession } from '@/stores/session'
import { QINGDAO, USUAL } from '@/stores/testLevels'
import { aCase, aRecord, begin, NOW, Page, Service } from './testWorld'
import type { WarningOrder } from './types'

vi.mock('@/parts/CaseMap.vue', () => ({ default: { render: () => null } }))

let service: Service
let page: Page | null = null

function start(one = aCase(), permissions?: string[], role?: string): void {
  begin(permissions, role)
  service = new Service(aRecord(one))
  vi.stubGlobal('fetch', service.fetch)
}

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse(NOW), toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] })
})
afterEach(() => {
  page?.close()
  page = null
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('acts', () => {
  it('takes a case over once, however often the button is pressed', async () => {
    start()
    page = await Page.open()
    let answer: (value: { body: unknown }) => void = () => {}
    service.answers['/hold'] = () => new Promise((resolve) => (answer = resolve))
    await page.click('hold')
    await page.press('h')
    page.find('[data-act="hold"]')?.click()
    answer({ body: aCase({ held_by: 'liutang' }) })
    await page.settle()
    expect(service.asked.filter(({ path }) => path.endsWith('/hold'))).toHaveLength(1)
    expect(page.text).toContain('✓ 在您手上')
    expect(page.find('[data-act="release"]')).not.toBeNull()
  })

  it('tells who was first, and shows the case as it is by now', async () => {
    start()
    page = await Page.open()
    service.answers['/hold'] = { status: 409, body: { detail: 'the case is held by liutang-b', field: 'held_by' } }
    service.record = aRecord(aCase({ held_by: 'liutang-b' }))
    await page.click('hold')
    expect(page.find('.notice')?.textContent).toBe('liutang-b 先接管了这起案件')
    expect(page.text).toContain('liutang-b 正在处理')
    expect(page.find('[data-act="hold"]')).toBeNull()
    expect(page.find<HTMLButtonElement>('[data-act="close"]')?.disabled).toBe(true)
  })

  it('repeats an attempt whose answer was lost with the same key, and a changed one with another', async () => {
    start()
    page = await Page.open()
    service.answers['/contacts'] = 'lost'
    await page.press('l')
    await page.choose('no_answer')
    await page.click('log')
    await page.click('log')
    expect(page.text).toContain('不会记两遍')
    await page.choose('spoken')
    delete service.answers['/contacts']
    await page.click('log')
    const [first, second, third] = service.posts('/contacts')
    expect(first?.key).toBeTruthy()
    expect(second?.key).toBe(first?.key)
    expect(third?.key).not.toBe(first?.key)
    expect(third?.body).toEqual({ channel: 'phone', result: 'spoken', note: null })
    expect(page.find('[data-act="log"]')).toBeNull()
  })

  it('asks for a result before it sends an attempt', async () => {
    start()
    page = await Page.open()
    await page.press('l')
    await page.click('log')
    expect(page.text).toContain('请选结果')
    expect(service.posts('/contacts')).toHaveLength(0)
  })

  it('names the field the service found wrong', async () => {
    start()
    page = await Page.open()
    service.answers['/freezes'] = { status: 422, body: { detail: 'too long', field: 'bank' } }
    await page.press('s')
    await page.choose('own')
    await page.click('record')
    const field = [...document.querySelectorAll('.el-form-item')].find((item) => item.textContent?.includes('开户行'))
    expect(field?.querySelector('[role="alert"]')?.textContent).toBe('too long')
  })

  it('records a stop request with the account of the order, and never says that anything was stopped', async () => {
    start()
    page = await Page.open()
    await page.press('s')
    await page.click('accounts')
    expect(service.posts('/unmask')[0]?.body).toEqual({ reason: '止付需要账号' })
    page.find('.accounts button')?.click()
    await page.settle()
    await page.click('record')
    expect(service.posts('/freezes')[0]?.body).toEqual({
      whose: 'own',
      asked_by: 'police',
      bank: '工商银行',
      account: '6222000000000000017',
      account_name: '王某丽',
      amount: null,
    })
    expect(page.find('.notice')?.textContent).toContain('软件不执行止付')
  })

  it('closes only with a disposition and a reason, and says what speaks against it', async () => {
    start()
    page = await Page.open()
    await page.press('c')
    await page.click('closeNow')
    expect(page.text).toContain('请选结果')
    expect(page.text).toContain('请写明原因')
    await page.choose('dissuaded')
    expect(page.text).toContain('没有见面或通话的记录')
    expect(page.text).toContain('吴美玲 还在任务中')
    await page.type('textarea', '电话里说不转了')
    await page.click('closeNow')
    expect(service.posts('/close')[0]?.body).toEqual({ disposition: 'dissuaded', reason: '电话里说不转了' })
  })
})

describe('personal data', () => {
  it('is masked again after a minute', async () => {
    start()
    page = await Page.open()
    await page.press('u')
    page.find('.quick button')?.click()
    await page.settle()
    expect(page.find('a[href="tel:+8613800000001"]')).not.toBeNull()
    expect(page.text).toContain('已记入审计')
    vi.advanceTimersByTime(57_000)
    await page.settle()
    expect(page.text).toContain('王某丽')
    vi.advanceTimersByTime(4_000)
    await page.settle()
    expect(page.text).not.toContain('王某丽')
    expect(page.text).toContain('138****0001')
  })

  it('is not shown without a reason', async () => {
    start()
    page = await Page.open()
    await page.press('u')
    page.find('.el-dialog form')?.dispatchEvent(new Event('submit', { cancelable: true }))
    await page.settle()
    expect(page.text).toContain('请写明原因')
    expect(service.posts('/unmask')).toHaveLength(0)
  })
})

describe('the level', () => {
  it('is called and coloured as at the station of the case, whichever one is chosen', async () => {
    start()
    const session = useSession()
    session.me = { ...session.me!, stations: ['440306-LT', 'SN'], levels: { '440306-LT': USUAL, SN: QINGDAO } }
    const order = { id: 'a1', alert_no: 'BA-1', level: 'low', received_at: NOW } as WarningOrder
    service.record = aRecord(aCase(), { station: 'SN', alerts: [order] })
    page = await Page.open()
    expect(session.station).toBe('440306-LT')
    expect([...document.querySelectorAll('.level')].map((tag) => tag.textContent)).toEqual(['紧急', '低'])
    expect(page.find('header.bar')?.classList).toContain('level-red')
  })
})

describe('who looks on', () => {
  it('finds no act where the role may do none', async () => {
    start(aCase(), ['see cases', 'read texts'], 'auditor')
    page = await Page.open()
    await page.press('c')
    await page.press('u')
    expect(document.querySelectorAll('[data-act]')).toHaveLength(0)
    expect(page.find('.el-dialog')).toBeNull()
  })

  it('sees a closed case whole, with reopening as the only act', async () => {
    start(aCase({ state: 'closed', disposition: 'dissuaded' }))
    page = await Page.open()
    expect([...document.querySelectorAll<HTMLElement>('.acts [data-act]')].map((act) => act.dataset['act'])).toEqual(['reopen'])
    expect(page.text).toContain('已劝阻')
  })

  it('is told when there is no such case', async () => {
    start()
    page = await Page.open('another')
    expect(page.text).toContain('没有这起案件')
  })

  it('can try again when the service was away', async () => {
    start()
    service.answers['/api/cases/c1'] = 'lost'
    page = await Page.open()
    expect(page.text).toContain('服务暂时连不上')
    delete service.answers['/api/cases/c1']
    page.find('.fault button')?.click()
    await page.settle()
    expect(page.text).toContain('LT-20260429-003')
  })
})

describe('what is being typed', () => {
  it('outlasts news of the case', async () => {
    start()
    page = await Page.open()
    await page.press('l')
    await page.type('.form input:not([type="radio"])', '说在酒店')
    const news = aCase({ state: 'on_scene' })
    service.record = aRecord(news)
    useCases().take([{ type: 'event', seq: 9, kind: 'contact.attempted', at: NOW, case_id: 'c1', case: news, data: {} }])
    await page.settle()
    vi.advanceTimersByTime(2_000)
    await page.settle()
    expect(page.text).toContain('已到场')
    expect(service.reads()).toBe(2)
    expect(page.find<HTMLInputElement>('.form input:not([type="radio"])')?.value).toBe('说在酒店')
  })

  it('is still there after a look at another case', async () => {
    start()
    page = await Page.open()
    await page.press('l')
    await page.type('.form input:not([type="radio"])', '说在酒店')
    page.close()
    page = await Page.open()
    await page.press('l')
    expect(page.find<HTMLInputElement>('.form input:not([type="radio"])')?.value).toBe('说在酒店')
  })

  it('is not taken for a shortcut', async () => {
    start()
    page = await Page.open()
    await page.press('l')
    await page.press('h', page.find('.form input:not([type="radio"])')!)
    expect(service.asked.some(({ path }) => path.endsWith('/hold'))).toBe(false)
  })
})
