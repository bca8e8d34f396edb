import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { Problem } from '@/api/http'
import { refusalText } from './refusals'
import { readAmount } from './stopRequest'
import { clockText, distanceText, moneyText } from './words'

const say = (key: string, named?: Record<string, unknown>) => [key, ...Object.values(named ?? {})].join(' ')
const source = (path: string) => readFileSync(join(import.meta.dirname, '../../../../', path), 'utf8')

describe('words', () => {
  it('show the clock of the station, with the day when it is another one', () => {
    const now = Date.parse('2026-04-29T18:10:00Z')
    expect(clockText('2026-04-29T18:00:05Z', now)).toBe('02:00:05')
    expect(clockText('2026-04-29T10:00:05Z', now)).toBe('04-29 18:00:05')
  })

  it('show sums with their currency, and nothing for what is none', () => {
    expect(moneyText('10000000.00', 'CNY', 'zh')).toBe('¥10,000,000')
    expect(moneyText('12.50', 'USD', 'en')).toBe('$12.50')
    expect(moneyText('5', '人民币', 'zh')).toBe('5 人民币')
    expect([moneyText(null, null, 'zh'), moneyText('much', null, 'zh')]).toEqual(['', ''])
  })

  it('show distances as far as they are known', () => {
    expect(distanceText(424, say)).toBe('case.metres 420')
    expect(distanceText(996, say)).toBe('case.kilometres 1.0')
  })

  it('read an amount however it is typed', () => {
    expect(['¥50,000', '５００ 元', '12.5', ''].map(readAmount)).toEqual(['50000', '500', '12.5', null])
    expect(['0', '-5', '1.234', '五百'].map(readAmount)).toEqual([undefined, undefined, undefined, undefined])
  })
})

describe('refusals', () => {
  it('name who was first', () => {
    expect(refusalText(new Problem(409, 'the case is held by liutang-b', 'held_by'), say)).toBe('case.refused.heldBy liutang-b')
    expect(refusalText(new Problem(409, '吴美玲 is on another case already'), say)).toBe('case.refused.onAnother 吴美玲')
  })

  it('say that the service is away, and keep what they have no words for', () => {
    expect(refusalText(new Problem(0, 'unreachable'), say)).toBe('shell.unreachable')
    expect(refusalText(new Problem(422, 'something new'), say)).toBe('something new')
  })

  it('know the sentences of the service', () => {
    const said: [string, RegExp][] = [
      ['dispatcher/casework/cases.py', /"(the case is closed)"/],
      ['dispatcher/casework/cases.py', /"(the case is open)"/],
      ['dispatcher/casework/cases.py', /f"(the resident has an open case already: \{number\})"/],
      ['dispatcher/casework/handover.py', /"(nobody holds the case[^"]*)"/],
      ['dispatcher/casework/by_hand.py', /"(the resident was met and talked out of it[^"]*)"/],
      ['dispatcher/casework/by_hand.py', /f"(it has ended already[^"]*)"/],
      ['dispatcher/casework/by_hand.py', /f"(\{person\.name\} was asked for another case a moment ago)"/],
      ['dispatcher/access/colleagues.py', /"(there is no colleague of that name[^"]*)"/],
      ['web/api/acting.py', /f"(the case is held by \{holder\.name\})"/],
    ]
    for (const [path, sentence] of said) {
      const found = sentence.exec(source(path))?.[1]
      expect(found, `${path}: ${String(sentence)}`).toBeDefined()
      expect(refusalText(new Problem(409, found!), say)).toMatch(/^case\.refused\./)
    }
  })
})
