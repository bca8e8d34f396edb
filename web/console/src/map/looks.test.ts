import { describe, expect, it } from 'vitest'

import { caseLook, countsByLevel, crowdLook, lookKey, vestLook } from './looks'
import { aCase, aVest } from './testing'

const marks = {
  extreme: { letter: '特', colour: 'purple' },
  high: { letter: '紧', colour: 'red' },
  medium: { letter: '较', colour: 'yellow' },
  low: { letter: '般', colour: 'blue' },
} as const

describe('the look of a case', () => {
  it('is ringed while it waits for an officer, and no longer once one holds it', () => {
    expect(caseLook(aCase('1', { state: 'escalated' }), marks)).toMatchObject({ ring: true, waiting: true })
    expect(caseLook(aCase('1', { state: 'escalated', held_by: 'liutang' }), marks)).toMatchObject({ ring: false, waiting: false })
  })

  it('is hollow once somebody is on it', () => {
    expect(caseLook(aCase('1', { state: 'accepted' }), marks).waiting).toBe(false)
    expect(caseLook(aCase('1', { state: 'on_scene' }), marks).waiting).toBe(false)
  })

  it('has the colour that its station gave the level', () => {
    const green = { ...marks, low: { letter: '低', colour: 'green' } } as const
    expect(caseLook(aCase('1', { level: 'low' }), green)).toMatchObject({ colour: 'green', text: '低' })
    expect(lookKey(caseLook(aCase('1', { level: 'low' }), green))).not.toBe(lookKey(caseLook(aCase('1', { level: 'low' }), marks)))
  })

  it('says the level by a letter too', () => {
    expect(caseLook(aCase('1', { level: 'extreme' }), marks).text).toBe('特')
  })

  it('of a crowd is that of its worst case, with how many there are', () => {
    const crowd = [aCase('1', { level: 'low' }), aCase('2', { level: 'high', state: 'accepted' }), aCase('3', { state: 'escalated' })]
    expect(crowdLook(crowd, marks)).toMatchObject({ level: 'high', colour: 'red', text: '3', waiting: true, ring: true })
    expect(countsByLevel(crowd)).toEqual([
      { level: 'high', count: 1 },
      { level: 'medium', count: 1 },
      { level: 'low', count: 1 },
    ])
  })

  it('has a key that tells looks apart and nothing else', () => {
    const [one, other] = [aCase('1'), aCase('2', { alerts: 9 })].map((each) => lookKey(caseLook(each, marks)))
    expect(one).toBe(other)
    expect(lookKey(caseLook(aCase('1', { level: 'high' }), marks))).not.toBe(one)
    expect(lookKey(caseLook(aCase('1'), marks, true))).not.toBe(one)
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
