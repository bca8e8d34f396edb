import { describe, expect, it } from 'vitest'

import type { Case, Deadline, Level } from '@/api/types'
import { inOrder, nextDeadline, spanText } from './urgency'

const deadline = (what: Deadline['what'], at: string, met: string | null = null): Deadline => ({ what, at, met_at: met })

function aCase(id: string, level: Level, deadlines: Deadline[], opened = '2026-04-29T08:00:00Z', stop?: string): Case {
  const freezes = stop ? [{ state: stop }] : []
  return { id, level, deadlines, opened_at: opened, state: 'new', held_by: null, freezes } as unknown as Case
}

describe('the order of the queue', () => {
  it('puts the least time left first, whatever the level', () => {
    const soon = aCase('soon', 'low', [deadline('sign', '2026-04-29T08:01:00Z')])
    const later = aCase('later', 'extreme', [deadline('sign', '2026-04-29T08:02:00Z')])
    expect(inOrder([later, soon]).map((one) => one.id)).toEqual(['soon', 'later'])
  })

  it('puts first where a stop-payment waits for the desk, and not where it waits for the bank', () => {
    const at = (minute: number) => [deadline('sign', `2026-04-29T08:0${minute}:00Z`)]
    const rows = [
      aCase('soon', 'extreme', at(1)),
      aCase('with the bank', 'high', at(2), undefined, 'sent'),
      aCase('to approve', 'low', at(4), undefined, 'to_approve'),
      aCase('draft', 'low', at(3), undefined, 'draft'),
    ]
    expect(inOrder(rows).map((one) => one.id)).toEqual(['draft', 'to approve', 'soon', 'with the bank'])
  })

  it('puts the gravest, then the oldest first among equals', () => {
    const at = [deadline('sign', '2026-04-29T08:01:00Z')]
    const rows = [aCase('low', 'low', at), aCase('young', 'high', at, '2026-04-29T08:00:09Z'), aCase('old', 'high', at)]
    expect(inOrder(rows).map((one) => one.id)).toEqual(['old', 'young', 'low'])
  })

  it('looks at the earliest limit that nobody met, and puts cases without one last', () => {
    const met = aCase('met', 'high', [
      deadline('sign', '2026-04-29T08:01:00Z', '2026-04-29T08:00:30Z'),
      deadline('meet', '2026-04-29T09:00:00Z'),
    ])
    const done = aCase('done', 'extreme', [deadline('sign', '2026-04-29T08:01:00Z', '2026-04-29T08:00:30Z')])
    expect(nextDeadline(met)?.what).toBe('meet')
    expect(inOrder([done, met]).map((one) => one.id)).toEqual(['met', 'done'])
  })
})

describe('a span of time', () => {
  it.each([
    [0, '0:00'],
    [65_000, '1:05'],
    [-30_000, '-0:30'],
    [3_723_000, '1:02:03'],
    [183_600_000, '2d 03:00'],
  ])('%i ms is %s', (ms, text) => {
    expect(spanText(ms, 'd')).toBe(text)
  })
})
