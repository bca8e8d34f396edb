import { describe, expect, it } from 'vitest'

import { ageOf, bandOf } from './ages'

const NOW = Date.parse('2026-04-29T08:00:00Z')
const ago = (minutes: number) => new Date(NOW - minutes * 60_000).toISOString()
const from = (source: 'page' | 'base' | 'grid', minutes: number) => ({ lon: 113.87, lat: 22.57, at: ago(minutes), source })

describe('the age of a position', () => {
  it('is fresh under five minutes, stale over thirty, old between', () => {
    expect([0, 4.9, 5, 30, 30.1, 600].map((minutes) => bandOf(from('page', minutes), NOW))).toEqual(
      ['fresh', 'fresh', 'old', 'old', 'stale', 'stale'],
    )
  })

  it('is never shown as live where the person was only assumed to be, however new the record', () => {
    expect(bandOf(from('base', 0), NOW)).toBe('assumed')
    expect(bandOf(from('grid', 0), NOW)).toBe('assumed')
  })

  it('is told in its largest unit', () => {
    expect(ageOf(ago(0.5), NOW).unit).toBe('now')
    expect(ageOf(ago(-1), NOW).unit).toBe('now')
    expect(ageOf(ago(59), NOW)).toEqual({ unit: 'minutes', count: 59 })
    expect(ageOf(ago(61), NOW)).toEqual({ unit: 'hours', count: 1 })
    expect(ageOf(ago(3 * 1440), NOW)).toEqual({ unit: 'days', count: 3 })
  })
})
