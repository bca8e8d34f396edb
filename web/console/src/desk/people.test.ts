import { describe, expect, it } from 'vitest'

import type { Volunteer } from '@/api/types'
import { chosenOf, countsOf, doingOf, shiftOf, trustOf, type PeopleAsked } from './people'

const NOW = Date.parse('2026-04-29T02:00:00Z')
const ago = (minutes: number) => new Date(NOW - minutes * 60_000).toISOString()

function person(name: string, given: Partial<Volunteer> = {}): Volunteer {
  return { id: name, name, kind: 'vest', on_duty: true, position: null, task: null, ...given }
}
const seen = (minutes: number, source: 'page' | 'base' | 'grid' = 'page') => ({ lon: 113.87, lat: 22.57, at: ago(minutes), source })

const wang = person('王芳', { task: 'case-1', position: seen(2) })
const li = person('李强', { position: seen(90, 'base') })
const zhang = person('张伟', { kind: 'police', on_duty: false, position: seen(40) })
const chen = person('陈静', { kind: 'grid_worker', on_duty: false, task: 'case-2' })
const all = [wang, li, zhang, chen]
const asked: PeopleAsked = { who: 'all', kind: '', wanted: '', order: 'name', descending: false }
const names = (given: Partial<PeopleAsked>) => chosenOf(all, { ...asked, ...given }).map((one) => one.name)

describe('what a person does', () => {
  it('a task in hand stays in hand off duty', () => expect(doingOf(chen)).toBe('task'))
  it('on duty without a task is free, else resting', () => expect([doingOf(li), doingOf(zhang)]).toEqual(['free', 'off']))
})

describe('the shift', () => {
  const begins = { at: '2026-04-29T12:00:00Z', on_duty: true }
  const ends = { at: '2026-04-29T20:00:00Z', on_duty: false }
  it('ends for who is on duty, begins for who is off', () => {
    expect(shiftOf(person('王芳', { next_turn: ends }))).toBe('until')
    expect(shiftOf(person('王芳', { on_duty: false, next_turn: begins }))).toBe('from')
  })
  it('is said otherwise for who came or went by hand', () => {
    expect(shiftOf(person('王芳', { next_turn: begins }))).toBe('next')
    expect(shiftOf(person('王芳', { on_duty: false, next_turn: ends }))).toBe('planned')
  })
  it('is not spoken of without a plan', () => {
    expect([shiftOf(person('王芳')), shiftOf(person('王芳', { next_turn: null }))]).toEqual([null, null])
  })
})

describe('how far a position can be trusted', () => {
  it('ages while it comes from a phone', () => {
    expect([2, 10, 40].map((minutes) => trustOf(seen(minutes), NOW))).toEqual(['fresh', 'old', 'stale'])
  })
  it('is no sighting at a base or in a grid, and may be missing', () => {
    expect([trustOf(seen(0, 'grid'), NOW), trustOf(null, NOW)]).toEqual(['assumed', 'none'])
  })
})

describe('the list', () => {
  it('counts people as the filters show them', () => {
    expect(countsOf(all)).toEqual({ all: 4, onDuty: 2, free: 1, onTask: 2, offDuty: 2 })
    for (const [who, count] of Object.entries(countsOf(all))) {
      expect(names({ who: who as PeopleAsked['who'] })).toHaveLength(count)
    }
  })
  it('is in the order of Chinese names, either way round', () => {
    expect(names({})).toEqual(['陈静', '李强', '王芳', '张伟'])
    expect(names({ descending: true })).toEqual(['张伟', '王芳', '李强', '陈静'])
  })
  it('puts tasks before the free before the resting', () => {
    expect(names({ order: 'doing' })).toEqual(['陈静', '王芳', '李强', '张伟'])
  })
  it('puts the newest position first and none at all last', () => {
    expect(names({ order: 'position' })).toEqual(['王芳', '张伟', '李强', '陈静'])
  })
  it('finds by kind and by a part of the name', () => {
    expect(names({ kind: 'police' })).toEqual(['张伟'])
    expect(names({ wanted: ' 强 ' })).toEqual(['李强'])
    expect(names({ kind: 'police', wanted: '强' })).toEqual([])
  })
})
