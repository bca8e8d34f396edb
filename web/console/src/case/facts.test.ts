import { describe, expect, it } from 'vitest'

import type { Offer, Volunteer } from '@/api/types'
import { candidates, clocksOf, distanceM, doubtsOfClosing, hasMoney, offerMoments, waves } from './facts'
import { aCase, aRecord } from './testWorld'

const offer = (id: string, wave: number, state = 'expired'): Offer => ({ id, volunteer: `v-${id}`, state, wave, eta_s: 60, reason: {} })
const person = (id: string, lon: number | null, task: string | null = null): Volunteer => ({
  id,
  name: id,
  kind: 'vest',
  on_duty: true,
  position: lon === null ? null : { lon, lat: 22.57, at: '2026-04-29T08:00:00Z', source: 'page' },
  task,
})

describe('facts of a case', () => {
  it('has its clocks in the order of the work', () => {
    const at = '2026-04-29T09:00:00Z'
    const deadlines = (['feedback', 'sign', 'meet'] as const).map((what) => ({ what, at, met_at: null }))
    expect(clocksOf(aCase({ deadlines })).map(({ what }) => what)).toEqual(['sign', 'meet', 'feedback'])
  })

  it('has money in it when the order says so, or a vest does', () => {
    const calm = aCase({ kind: 'contact' })
    expect(hasMoney(calm, aRecord(calm, { money: [] }))).toBe(false)
    expect(hasMoney(calm, aRecord(calm))).toBe(true)
    expect(hasMoney({ ...calm, flags: ['money_moving'] }, null)).toBe(true)
    expect(hasMoney(aCase(), null)).toBe(true)
  })

  it('shows a wave after a reopening apart from the one before', () => {
    const groups = waves([offer('a', 1), offer('b', 1), offer('c', 2), offer('d', 1)])
    expect(groups.map((group) => [group.wave, group.offers.length])).toEqual([[1, 2], [2, 1], [1, 1]])
  })

  it('knows from events when somebody was asked and accepted', () => {
    const moments = offerMoments([
      { seq: 1, kind: 'offer.queued', at: 't1', data: { offers: ['a', 'b'] } },
      { seq: 2, kind: 'offer.accepted', at: 't2', data: { offer: 'a' } },
      { seq: 3, kind: 'offer.stood_down', at: 't3', data: { offers: ['b'] } },
      { seq: 4, kind: 'offer.completed', at: 't4', data: { offer: 'a' } },
    ])
    expect(moments.get('a')).toEqual({ asked: 't1', accepted: 't2', last: 't4' })
    expect(moments.get('b')).toEqual({ asked: 't1', accepted: null, last: 't3' })
  })

  it('measures a kilometre as one', () => {
    expect(distanceM({ lon: 113.87, lat: 22.57 }, { lon: 113.87, lat: 22.578993 })).toBeCloseTo(1000, 0)
  })

  it('offers the free before the busy, the near before the far, the unplaced last', () => {
    const one = aCase({ offers: [offer('x', 1, 'sent')] })
    const people = [person('far', 113.9), person('v-x', 113.87), person('none', null), person('near', 113.871), person('on', 113.87, 'c2')]
    const found = candidates(people, one)
    expect(found.map((candidate) => candidate.one.id)).toEqual(['near', 'far', 'none', 'on', 'v-x'])
    expect(found.map((candidate) => candidate.busy)).toEqual([null, null, null, 'elsewhere', 'asked'])
  })

  it('calls nobody free whom another case is asking, and puts behind the others whoever said no', () => {
    const one = aCase({ offers: [offer('no', 1, 'declined')] })
    const other = aCase({ id: 'c2', offers: [offer('there', 1, 'delivered')] })
    const found = candidates([person('v-no', 113.87), person('v-there', 113.87), person('v-yes', 113.9)], one, [one, other])
    expect(found.map(({ one: { id }, busy, declined }) => [id, busy, declined])).toEqual([
      ['v-yes', null, false],
      ['v-no', null, true],
      ['v-there', 'offered', false],
    ])
  })
})

describe('doubts before closing', () => {
  const contact = { id: 'k', channel: 'phone', result: 'spoken', by: 'liutang', at: '' }
  const stop = { id: 'f', account: null, whose: 'own' as const, asked_by: 'police' as const, state: 'draft', until: null, stop_no: null, version: 1 }

  it('are many for a case nobody finished', () => {
    expect(doubtsOfClosing(aCase({ freezes: [stop] }), 'dissuaded')).toEqual(['onTheWay', 'notReached', 'openStop'])
  })

  it('are none when the resident was spoken to and nothing is open', () => {
    const done = aCase({ offers: [offer('a', 1, 'completed')], contacts: [contact], freezes: [{ ...stop, state: 'stopped' }] })
    expect(doubtsOfClosing(done, 'dissuaded')).toEqual([])
  })

  it('ask for attempts before somebody is called truly not found', () => {
    const idle = aCase({ offers: [offer('a', 1, 'sent')] })
    expect(doubtsOfClosing(idle, 'not_found')).toEqual(['asked', 'noContact'])
  })
})
