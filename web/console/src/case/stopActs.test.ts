import { describe, expect, it } from 'vitest'

import type { Freeze } from '@/api/types'
import { actsOf, bodyOf, faultsOf, fieldsOf, opening, readSum, restOfOrder, wallTime } from './stopActs'
import { aCase, WHOLE } from './testWorld'
import type { FreezeDetail, Unmasked } from './types'

const stop = (changed: Partial<Freeze> = {}): Freeze => ({
  id: 'f1',
  account: '****0099',
  whose: 'suspect',
  asked_by: 'police',
  state: 'draft',
  until: null,
  stop_no: null,
  version: 3,
  ...changed,
})
const detail = (changed: Partial<FreezeDetail> = {}): FreezeDetail => ({
  id: 'f1',
  missing: [],
  transferred_at: null,
  held: null,
  submitted_by: null,
  steps: [],
  ...changed,
})
const frozen = { act: 'frozen', by: 'liutang', at: '', recorded_at: '', words: null }
const NOW = Date.parse('2026-04-29T08:10:30Z')

describe('what may be recorded next', () => {
  it.each([
    ['a draft that lacks something', stop(), detail({ missing: ['facts'] }), false, ['correct']],
    ['a draft nobody has looked into yet', stop(), undefined, false, ['correct']],
    ['a whole draft', stop(), detail(), false, ['send', 'correct']],
    ['a whole draft where a second officer is asked for', stop(), detail(), true, ['submit', 'correct']],
    ['what a colleague submitted', stop({ state: 'to_approve' }), detail({ submitted_by: 'li' }), true, ['approve', 'correct']],
    ['what I submitted', stop({ state: 'to_approve' }), detail({ submitted_by: 'me' }), true, ['correct']],
    ['what waits where nobody is asked for any more', stop({ state: 'to_approve' }), detail(), false, ['send', 'correct']],
    ['what is with the bank', stop({ state: 'sent' }), detail(), false, ['stopped', 'mismatch']],
    ['a mismatch', stop({ state: 'mismatch' }), detail(), false, ['send', 'correct']],
    ["a stop of a suspect's account", stop({ state: 'stopped' }), detail(), false, ['freeze', 'release']],
    ["a stop of the victim's own", stop({ state: 'stopped', whose: 'own' }), detail(), false, ['release']],
    ['a freeze', stop({ state: 'frozen' }), detail(), false, ['renew', 'return', 'release']],
    ['a stop that lapsed', stop({ state: 'lapsed' }), detail(), false, ['freeze']],
    ['a freeze that lapsed', stop({ state: 'lapsed' }), detail({ steps: [frozen] }), false, ['renew', 'return']],
    ['a protective stop that lapsed', stop({ state: 'lapsed', whose: 'own' }), detail(), false, []],
    ['what was released', stop({ state: 'released' }), detail(), false, []],
  ])('of %s', (_name, freeze, known, secondOfficer, acts) => {
    expect(actsOf(freeze, known, secondOfficer, 'me')).toEqual(acts)
  })
})

describe('the form of an act', () => {
  const names = (...given: Parameters<typeof fieldsOf>) => fieldsOf(...given).map(({ name }) => name)

  it("asks for the bank's end of the victim's own account alone", () => {
    expect(names('stopped', stop({ whose: 'own' }), aCase())).toContain('until')
    expect(names('stopped', stop(), aCase())).not.toContain('until')
  })

  it('asks to confirm a release while the case is open', () => {
    const open = fieldsOf('release', stop({ state: 'stopped' }), aCase())
    expect(faultsOf(open, { at: '2026-04-29T16:00', reason: '核实' })).toEqual({ confirm: 'missing' })
    expect(names('release', stop({ state: 'stopped' }), aCase({ state: 'closed' }))).not.toContain('confirm')
  })

  it('says what is empty and which sums are none', () => {
    const fields = fieldsOf('return', stop({ state: 'frozen' }), aCase())
    expect(faultsOf(fields, { at: '', returned: ' ' })).toEqual({ at: 'missing', returned: 'missing' })
    expect(faultsOf(fields, { at: '2026-04-29T16:00', returned: '12.345' })).toEqual({ returned: 'sum' })
  })

  it('is sent with the version that was seen and the zone of the station, without what is empty', () => {
    const fields = fieldsOf('stopped', stop(), aCase())
    const typed = { at: '2026-04-29T16:05', held: '¥42,000', reference: ' ' }
    expect(bodyOf('stopped', stop(), fields, typed)).toEqual({
      version: 3,
      result: 'stopped',
      at: '2026-04-29T16:05:00+08:00',
      amount: '42000',
    })
  })

  it('of a correction is sent whole, its receipts a line each', () => {
    const fields = fieldsOf('correct', stop(), aCase())
    const body = bodyOf('correct', stop(), fields, { facts: '冒充公检法', amount: '50000.00', receipts: '回单1\n\n 回单2 ' })
    expect(body).toEqual({
      version: 3,
      whose: 'suspect',
      asked_by: 'police',
      facts: '冒充公检法',
      amount: '50000.00',
      receipts: ['回单1', '回单2'],
    })
  })
})

describe('a form as it opens', () => {
  it("has the present of the station's wall clock", () => {
    expect(opening('freeze', stop(), detail(), null, NOW)).toEqual({ at: '2026-04-29T16:10', chief_at: '2026-04-29T16:10' })
  })

  it('holds what the request says, and what the warning order says where it says nothing', () => {
    const said = { id: 'f1', bank: null, name: '张某', account: '6217', amount: null, other_bank: null, other_name: null, other_account: null, facts: null, receipts: ['回单1'] }
    const transfer = { whose: 'suspect' as const, bank: '建设银行', name: '张甲', account: '6217', amount: '50000.00', transferred_at: '2026-04-29T07:30:00Z' }
    const whole: Unmasked = {
      ...WHOLE,
      accounts: [...WHOLE.accounts, transfer],
      freezes: [said],
      summaries: [{ alert_no: 'BA-1', summary: '正在转账' }],
    }
    expect(opening('correct', stop(), detail(), whole, NOW)).toEqual({
      facts: '正在转账',
      account_name: '张某',
      account: '6217',
      bank: '建设银行',
      other_name: '王某丽',
      other_account: '6222000000000000017',
      other_bank: '工商银行',
      amount: '50000.00',
      transferred_at: '2026-04-29T15:30',
      receipts: '回单1',
    })
  })

  it('of a protective stop names no other side by itself', () => {
    const typed = opening('correct', stop({ whose: 'own' }), detail(), WHOLE, NOW)
    expect([typed['account_name'], typed['other_name'], typed['other_account']]).toEqual(['王某丽', '', ''])
  })
})

describe('what goes with an account of the order', () => {
  const transfer = { whose: 'suspect' as const, bank: '建设银行', name: '张甲', account: '6217', amount: '50000.00', transferred_at: '2026-04-29T07:30:00Z' }
  const whole: Unmasked = { ...WHOLE, summaries: [{ alert_no: 'BA-1', summary: null }, { alert_no: 'BA-2', summary: '正在转账' }] }

  it("is the victim's side and the time of the transfer to a suspect", () => {
    expect(restOfOrder(transfer, whole)).toEqual({
      facts: '正在转账',
      other_name: '王某丽',
      other_account: '6222000000000000017',
      other_bank: '工商银行',
      transferred_at: '2026-04-29T07:30:00Z',
    })
  })

  it("is what happened alone for the victim's own, and no time that names no zone", () => {
    expect(restOfOrder(WHOLE.accounts[0]!, whole)).toEqual({ facts: '正在转账' })
    expect(restOfOrder({ ...transfer, transferred_at: '昨天下午' }, whole)).not.toHaveProperty('transferred_at')
  })
})

describe('sums and moments', () => {
  it.each([
    ['0', '0'],
    ['¥50,000', '50000'],
    ['１２.5', '12.5'],
    ['', null],
    ['-1', undefined],
    ['1.234', undefined],
    ['many', undefined],
  ])('%s', (typed, sum) => {
    expect(readSum(typed)).toBe(sum)
  })

  it('are empty for no moment', () => {
    expect([wallTime(null), wallTime('never'), wallTime('2026-04-29T16:30:00Z')]).toEqual(['', '', '2026-04-30T00:30'])
  })
})
