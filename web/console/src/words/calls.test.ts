import { describe, expect, it } from 'vitest'

import { inOrderOfCalling } from './calls'

const call = (at: string, kind: string | null) => ({ at, alarm: kind === null ? null : { kind } })

describe('the order of calling', () => {
  it('puts what is about stop-payments before all that is newer, and the newest first among equals', () => {
    const calls = [
      call('08:01', 'freeze_lapsed'),
      call('08:02', 'nobody_left'),
      call('08:03', 'money_moving'),
      call('08:04', null),
      call('08:05', 'help_asked'),
      call('08:00', 'freeze_ending'),
    ]
    expect(inOrderOfCalling(calls).map(({ at }) => at)).toEqual(['08:03', '08:01', '08:00', '08:05', '08:04', '08:02'])
  })
})
