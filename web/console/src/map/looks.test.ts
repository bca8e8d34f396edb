import { describe, expect, it } from 'vitest'

import { caseLook, countsByLevel, crowdLook, lookKey, vestLook } from './looks'
import { aCase, aVest } from './testing'

const letters = { extreme: '特', high: '紧', medium: '较', low: '般' }

describe('the look of a case', () => {
  it('is ringed while it waits for an officer, and no longer once one holds it', () => {
    expect(caseLook(aCase('1', { state: 'escalated' }), letters)).toMatchObject({ ring: true, waiting: true })
    expect(caseLook(aCase('1', { state: 'escalated', held_by: 'liutang' }), letters)).toMatchObject({ ring: false, waiting: false })
  })

  it('is hollow once somebody is on it', () => {
    expect(caseLook(aCase('1', { state: 'accepted' }), letters).waiting).toBe(false)
    expect(caseLook(aCase('1', { state: 'on_scene' }), letters).waiting).toBe(false)
  })

  it('says the level by a letter too', () => {
    expect(caseLook(aCase('1', { level: 'extreme' }), letters).text).toBe('特')
  })

  it('of a crowd is that of its worst case, with how many there are', () => {
    const crowd = [aCase('1', { level: 'low' }), aCase('2', { level: 'high', state: 'accepted' }), aCase('3', { state: 'escalated' })]
    expect(crowdLook(crowd)).toMatchObject({ level: 'high', text: '3', waiting: true, ring: true })
    expect(countsByLevel(crowd)).toEqual([
      { level: 'high', count: 1 },
      { level: 'medium', count: 1 },
      { level: 'low', count: 1 },
    ])
  })

  it('has a key that tells looks apart and nothing else', () => {
    const [one, other] = [aCase('1'), aCase('2', { alerts: 9 })].map((each) => lookKey(caseLook(each, letters)))
    expect(one).toBe(other)
    expect(lookKey(caseLook(aCase('1', { level: 'high' }), letters))).not.toBe(one)
    expect(lookKey(caseLook(aCase('1'), letters, true))).not.toBe(one)
  })
})

describe('the look of a volunteer', () => {
  it('changes as the position grows old, without any event', () => {
    const vest = aVest('1')
    const at = Date.parse('2026-04-29T08:00:00Z')
    const looks = [1, 10, 40].map((minutes) => vestLook(vest, vest.position!, at + minutes * 60_000).band)
    expect(looks).toEqual(['fresh', 'old', 'stale'])
  })
})
