import { afterEach, expect, it, vi } from 'vitest'

import { searchCases } from '@/api/deskCalls'
import { askedOf, asksNothing, queryOf, wantedOf } from './records'

afterEach(() => vi.unstubAllGlobals())

it('what is asked for survives the address of the page', () => {
  const wanted = { state: 'closed', level: 'high', number: 'lt-2026', held: 'no' } as const
  expect(wantedOf(queryOf(wanted) as Record<string, string>)).toEqual(wanted)
})

it('an address somebody made up asks for nothing that the service does not know', () => {
  const wanted = wantedOf({ state: 'burnt', level: ['high', 'low'], held: 'maybe', number: null })
  expect(asksNothing(wanted)).toBe(true)
  expect(queryOf(wanted)).toEqual({})
})

it('open means every state but closed, and numbers are capitals', () => {
  const asked = askedOf({ state: 'open', level: '', number: ' lt-2026 ', held: 'yes' }, '440306-LT')
  expect(asked.states).toEqual(['new', 'dispatching', 'escalated', 'accepted', 'on_scene'])
  expect([asked.number, asked.held, asked.levels]).toEqual(['LT-2026', true, []])
})

it('the call names every state once', async () => {
  const fetched = vi.fn((url: string) => Promise.resolve(new Response(JSON.stringify({ url }))))
  vi.stubGlobal('fetch', fetched)
  await searchCases({ station: '440306-LT', states: ['new', 'closed'], levels: ['low'], number: '', held: false, after: 'x' })
  expect(fetched.mock.calls[0]?.[0]).toBe('/api/cases?station=440306-LT&state=new&state=closed&level=low&held=false&after=x')
})
