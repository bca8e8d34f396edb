import { expect, it } from 'vitest'

import { takeDifferences } from './differences'

it('only what is another object than before is touched', () => {
  const [a, b, c] = [{ n: 1 }, { n: 2 }, { n: 3 }]
  const drawn = new Map<string, { n: number }>()
  expect(takeDifferences(drawn, new Map([['a', a], ['b', b]])).changed).toEqual([['a', a], ['b', b]])

  const another = { ...b }
  const next = takeDifferences(drawn, new Map([['b', another], ['c', c]]))
  expect(next).toEqual({ changed: [['b', another], ['c', c]], gone: ['a'] })

  expect(takeDifferences(drawn, new Map([['b', another], ['c', c]]))).toEqual({ changed: [], gone: [] })
})

it('a map that its owner changed in place is followed too', () => {
  const drawn = new Map<string, object>()
  const kept = new Map<string, object>([['a', {}]])
  takeDifferences(drawn, kept)
  kept.delete('a')
  expect(takeDifferences(drawn, kept).gone).toEqual(['a'])
})
