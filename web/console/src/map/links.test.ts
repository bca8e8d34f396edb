import { describe, expect, it } from 'vitest'

import { caseVests } from './caseVests'
import { etaMinutes, linksOf } from './links'
import { aCase, anOffer, aVest, byId } from './testing'

describe('lines to a case', () => {
  const vests = byId(aVest('1'), aVest('2'), aVest('3', { position: null }))

  it('come from those who accepted, with the estimate', () => {
    const cases = byId(aCase('a', { state: 'accepted', offers: [anOffer('1', 'accepted', 300), anOffer('2', 'stood_down')] }))
    expect(linksOf(cases, vests)).toMatchObject([{ key: 'a:1', etaS: 300, arrived: false }])
  })

  it('have no estimate any more once somebody is there', () => {
    const contacts = [{ id: 'c', channel: 'door', result: 'arrived', by: '1', at: '2026-04-29T08:00:00.000Z' }]
    const offers = [anOffer('1', 'accepted', 300), anOffer('2', 'accepted', 240)]
    const cases = byId(aCase('a', { state: 'on_scene', offers, contacts }))
    expect(linksOf(cases, vests)).toMatchObject([{ etaS: null, arrived: true }, { etaS: 240, arrived: false }])
  })

  it('are not drawn from or to where nobody knows', () => {
    const offers = [anOffer('3', 'accepted'), anOffer('unheard of', 'accepted')]
    expect(linksOf(byId(aCase('a', { offers })), vests)).toEqual([])
    expect(linksOf(byId(aCase('a', { location: null, offers: [anOffer('1', 'accepted')] })), vests)).toEqual([])
  })

  it('an estimate is told in whole minutes, never none', () => {
    expect([10, 89, 240, 95].map(etaMinutes)).toEqual([1, 1, 4, 2])
  })
})

it("a case's own map shows who accepted first, then who may still answer, each once", () => {
  const offers = [anOffer('2', 'sent'), anOffer('1', 'declined'), anOffer('1', 'delivered'), anOffer('3', 'accepted'), anOffer('2', 'queued')]
  const people = byId(aVest('1'), aVest('2'), aVest('3'))
  const shown = caseVests(aCase('a', { offers }), people).map(({ person, state }) => `${person.id} ${state}`)
  expect(shown).toEqual(['3 accepted', '1 delivered', '2 sent'])
})
