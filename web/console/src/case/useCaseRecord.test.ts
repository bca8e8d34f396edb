import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, nextTick, type EffectScope } from 'vue'

import type { Case } from '@/api/types'
import { useCases } from '@/stores/cases'
import { aCase, aRecord, begin, NOW, Service } from './testWorld'
import { useCaseRecord } from './useCaseRecord'

let service: Service
let scope: EffectScope

function watching(): ReturnType<typeof useCaseRecord> {
  return scope.run(() => useCaseRecord('c1'))!
}

function told(one: Case, seq: number): void {
  useCases().take([{ type: 'event', seq, kind: 'case.updated', at: NOW, case_id: one.id, case: one, data: {} }])
}

async function settle(ms = 0): Promise<void> {
  await nextTick()
  await vi.advanceTimersByTimeAsync(ms)
  await nextTick()
}

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse(NOW) })
  begin()
  service = new Service(aRecord(aCase()))
  vi.stubGlobal('fetch', service.fetch)
  scope = effectScope()
})
afterEach(() => {
  scope.stop()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('a case with its history', () => {
  it('shows what the feed knows before the answer is there', () => {
    useCases().begin([aCase()])
    const { one, record } = watching()
    expect(one.value?.number).toBe('LT-20260429-003')
    expect(record.value).toBeNull()
  })

  it('is read again once after a burst of news', async () => {
    watching()
    await settle(10)
    for (let seq = 1; seq <= 5; seq += 1) {
      told(aCase({ alerts: seq }), seq)
      await settle(50)
    }
    await settle(1_000)
    expect(service.reads()).toBe(2)
  })

  it('is read now and then in a storm that never calms down', async () => {
    watching()
    await settle(10)
    for (let seq = 1; seq <= 40; seq += 1) {
      told(aCase({ alerts: seq }), seq)
      await settle(100)
    }
    expect(service.reads()).toBeGreaterThanOrEqual(3)
  })

  it('is left alone by news of other cases', async () => {
    watching()
    await settle(10)
    told(aCase({ id: 'c2' }), 1)
    await settle(3_000)
    expect(service.reads()).toBe(1)
  })

  it('keeps what the feed said when an older answer comes after it', async () => {
    let answer: (value: { body: unknown }) => void = () => {}
    service.answers['/api/cases/c1'] = () => new Promise((resolve) => (answer = resolve))
    const { one } = watching()
    told(aCase({ state: 'on_scene' }), 1)
    await nextTick()
    answer({ body: aRecord(aCase({ state: 'accepted' })) })
    await settle(10)
    expect(one.value?.state).toBe('on_scene')
  })

  it('is read again when somebody closed it', async () => {
    useCases().begin([aCase()])
    const { one } = watching()
    await settle(10)
    service.record = aRecord(aCase({ state: 'closed', disposition: 'dissuaded' }))
    told(aCase({ state: 'closed' }), 1)
    await settle(1_000)
    expect(one.value?.disposition).toBe('dissuaded')
  })

  it('puts no case of elsewhere into the queue', async () => {
    const { took } = watching()
    await settle(10)
    took(aCase({ held_by: 'liutang' }))
    expect(useCases().queue).toHaveLength(0)
  })
})
