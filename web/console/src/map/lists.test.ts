import { describe, expect, it } from 'vitest'

import { casesByCommunity, peopleInOrder } from './lists'
import { aCase, aVest } from './testing'

describe('the map as a list', () => {
  const at = (minute: number) => ({ lon: 1, lat: 1, at: `2026-04-29T08:${minute}:00Z`, source: 'page' as const })
  const people = [
    aVest('at base', { position: { lon: 1, lat: 1, at: '2026-04-29T09:00:00Z', source: 'base' } }),
    aVest('seen at 10', { position: at(10) }),
    aVest('seen at 40', { position: at(40) }),
    aVest('on a task', { position: at(11), task: 'a' }),
    aVest('off duty', { on_duty: false, position: at(50) }),
  ]
  const ids = (shown: 'all' | 'onDuty' | 'onTask') => peopleInOrder(people, shown).map((one) => one.id)

  it('has those on a task first, then the newest live position, and assumed ones last', () => {
    expect(ids('onDuty')).toEqual(['on a task', 'seen at 40', 'seen at 10', 'at base'])
    expect(ids('onTask')).toEqual(['on a task'])
    expect(ids('all')).toContain('off duty')
  })

  it('counts cases by community and level, those of no known community too', () => {
    const rows = casesByCommunity([aCase('1'), aCase('2', { level: 'extreme' }), aCase('3', { community: null })])
    expect(rows.map((row) => [row.community, row.total])).toEqual([['桃源社区', 2], [null, 1]])
    expect(rows[0]!.counts).toEqual({ extreme: 1, high: 0, medium: 1, low: 0 })
  })
})
