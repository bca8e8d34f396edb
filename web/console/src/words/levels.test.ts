import { describe, expect, it } from 'vitest'

import { lettersOf } from './levels'

describe('the letter of a level on the map', () => {
  it.each([
    [['极高危', '高危', '中危', '低危'], '极高中低'],
    [['紧急', '高', '中', '低'], '紧高中低'],
    [['Urgent', 'high', 'Medium', 'low'], 'UHML'],
    [['P1', 'P2', 'P3', 'P4'], '1234'],
    [['Level 1', 'Level 2', 'Level 3', 'Level 4'], '1234'],
    [['一级', '二级', '三级', '四级'], '1234'],
    [['Critical', 'Crucial', 'Common', 'Calm'], 'IUML'],
    [['特', '特急', '特急件', '特急件密'], '特急件密'],
  ])('tells %j apart', (names, letters) => {
    expect(lettersOf(names).join('')).toBe(letters)
  })

  it('is the first one where nothing else is left', () => {
    expect(lettersOf(['A', 'B', 'AB', 'BA'])).toEqual(['A', 'B', 'A', 'B'])
  })
})
