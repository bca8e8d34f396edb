import { expect, it } from 'vitest'

import { ageText, comingText, momentText } from './moments'

const NOW = Date.parse('2026-04-29T16:30:00Z') // half past midnight of the 30th at the station

it("moments are the station's, whatever the machine's zone", () => {
  expect(momentText('2026-04-29T15:59:00Z', NOW)).toBe('04-29 23:59')
  expect(momentText('2026-04-29T16:01:00Z', NOW)).toBe('04-30 00:01')
})

it('the year is there when it is another one', () => {
  expect(momentText('2025-12-31T15:00:00Z', NOW)).toBe('2025-12-31 23:00')
})

it('a moment ahead has its date once it is a day away', () => {
  expect(comingText('2026-04-29T20:00:00Z', NOW)).toBe('04:00')
  expect(comingText('2026-04-30T16:29:00Z', NOW)).toBe('00:29')
  expect(comingText('2026-04-30T16:30:00Z', NOW)).toBe('05-01 00:30')
})

it('ages are whole units, in the language asked for', () => {
  expect(ageText('2026-04-29T16:29:30Z', NOW, 'en')).toBe('30 seconds ago')
  expect(ageText('2026-04-29T16:28:01Z', NOW, 'en')).toBe('1 minute ago')
  expect(ageText('2026-04-29T14:29:00Z', NOW, 'en')).toBe('2 hours ago')
  expect(ageText('2026-04-26T16:29:00Z', NOW, 'zh')).toBe('3天前')
})

it('a moment a little ahead of this clock is now, not in the future', () => {
  expect(ageText('2026-04-29T16:30:02Z', NOW, 'en')).toBe('0 seconds ago')
})
