import { describe, expect, it } from 'vitest'

import { chartOf } from './plan'
import type { Planned } from './types'

const BEGAN = Date.parse('2026-04-29T08:00:00.000Z')
const at = (seconds: number) => new Date(BEGAN + seconds * 1000).toISOString()

function offer(changed: Partial<Planned> = {}): Planned {
  return {
    offer: 'o1',
    volunteer: 'v1',
    state: 'sent',
    wave: 1,
    asked_at: at(0),
    ended_at: null,
    accepted_at: null,
    arrived_at: null,
    eta_s: 240,
    metres: 420,
    means: 'walk',
    position: 'base',
    position_age_min: null,
    elsewhere: 0,
    later: 0,
    together: 0.3,
    ...changed,
  }
}

describe('the plan along the time', () => {
  it('is not drawn before anybody was asked', () => {
    expect(chartOf([], BEGAN)).toBeNull()
  })

  it('lets the line of somebody who has not answered grow with the time', () => {
    const chart = chartOf([offer(), offer({ offer: 'o2', asked_at: at(20) })], BEGAN + 40_000)!
    expect(chart.rows.map(({ asked }) => asked)).toEqual([[0, 100], [50, 50]])
    expect(chart.to).toBe(at(40))
  })

  it('ends the line of somebody who declined there', () => {
    const declined = offer({ state: 'declined', ended_at: at(10) })
    const chart = chartOf([declined, offer({ offer: 'o2', asked_at: at(10) })], BEGAN + 40_000)!
    expect(chart.rows[0]!.asked).toEqual([0, 25])
    expect(chart.rows[0]!.way).toBeNull()
  })

  it('shows the way of whoever accepted up to where they are expected', () => {
    const chart = chartOf([offer({ state: 'accepted', accepted_at: at(60) })], BEGAN + 90_000)!
    expect(chart.rows[0]).toMatchObject({ asked: [0, 20], way: [20, 80], arrived: false, going: true })
    expect(chart.to).toBe(at(300))
  })

  it('and up to the door once they are there', () => {
    const there = offer({ state: 'completed', accepted_at: at(60), arrived_at: at(120), ended_at: at(900) })
    expect(chartOf([there], BEGAN + 1_000_000)!.rows[0]).toMatchObject({ way: [50, 50], arrived: true })
  })

  it('looks at the end of a long night', () => {
    const many = Array.from({ length: 60 }, (_, n) => offer({ offer: `o${n}`, asked_at: at(n * 60) }))
    const chart = chartOf(many, BEGAN + 3600_000)!
    expect(chart.rows).toHaveLength(24)
    expect(chart.rows[0]!.offer).toBe('o36')
  })
})
