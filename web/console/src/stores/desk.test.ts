import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import * as api from '@/api/calls'
import { Problem } from '@/api/http'
import type { Alarm, Case, Me } from '@/api/types'
import type { EventFrame } from '@/live/frames'
import { useDesk } from './desk'
import { useSession } from './session'

const alarm = (id: string, by: string | null = null) =>
  ({ id, kind: 'help_asked', case_id: null, cases: 1, raised_at: id, acknowledged_by: by, acknowledged_at: by }) as unknown as Alarm
const told = (one: Alarm) => ({ type: 'event', kind: 'alarm.raised', case: null, data: { alarm: one } }) as unknown as EventFrame
const opened = (id: string, level: string) => ({ id, level, state: 'dispatching', held_by: null }) as unknown as Case
const ids = () => useDesk().ringing.map((one) => one.id)

beforeEach(() => {
  vi.useFakeTimers()
  localStorage.clear()
  setActivePinia(createPinia())
  useSession().me = { stations: ['LT'], permissions: ['see alarms'] } as unknown as Me
})

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

describe('what calls for the officer', () => {
  it('keeps what the feed said while the list of alarms was on its way', async () => {
    let answer: (rows: Alarm[]) => void = () => {}
    vi.spyOn(api, 'alarms').mockReturnValue(new Promise((done) => (answer = done)))
    const desk = useDesk()
    desk.begin([])
    desk.take([told(alarm('new')), told(alarm('gone', 'li'))])
    answer([alarm('old'), alarm('gone')])
    await vi.runAllTimersAsync()
    expect(ids().sort()).toEqual(['new', 'old'])
  })

  it('asks for the alarms until it gets them', async () => {
    vi.spyOn(api, 'alarms').mockRejectedValueOnce(new Problem(503, 'away', null)).mockResolvedValue([alarm('one')])
    useDesk().begin([])
    await vi.advanceTimersByTimeAsync(1000)
    expect(ids()).toEqual(['one'])
  })

  it('drops the answer of a station that is left', async () => {
    let answer: (rows: Alarm[]) => void = () => {}
    vi.spyOn(api, 'alarms').mockReturnValue(new Promise((done) => (answer = done)))
    useDesk().begin([])
    useDesk().forget()
    answer([alarm('theirs')])
    await vi.runAllTimersAsync()
    expect(ids()).toEqual([])
  })

  it('goes quiet when another officer was first', async () => {
    vi.spyOn(api, 'alarms').mockResolvedValue([alarm('one')])
    vi.spyOn(api, 'acknowledgeAlarm').mockRejectedValue(new Problem(409, 'by li', null))
    const desk = useDesk()
    desk.begin([])
    await vi.runAllTimersAsync()
    await expect(desk.acknowledge('one')).rejects.toThrow()
    expect(ids()).toEqual([])
  })

  it('calls for a case that has become one of the gravest', () => {
    vi.spyOn(api, 'alarms').mockResolvedValue([])
    const desk = useDesk()
    desk.begin([opened('c', 'high')])
    expect(desk.unseen.size).toBe(0)
    desk.take([{ ...told(alarm('x')), kind: 'case.updated', case: opened('c', 'extreme') } as EventFrame])
    expect(desk.unseen.size).toBe(1)
  })
})
