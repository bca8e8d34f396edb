/** What calls for the officer beside the queue: ringing alarms, texts nobody could read, new gravest cases. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, triggerRef } from 'vue'

import * as api from '@/api/calls'
import type { Alarm, Case } from '@/api/types'
import type { EventFrame } from '@/live/frames'
import { useSession } from './session'

const SEEN_KEY = 'bluevest.seen'
const MOST_SEEN = 500

export const useDesk = defineStore('desk', () => {
  const session = useSession()
  const alarms = shallowRef(new Map<string, Alarm>())
  const waitingTexts = ref(0)
  /** Gravest cases this officer has not acknowledged on this machine. */
  const unseen = shallowRef(new Map<string, Case>())
  const seen = new Set<string>(JSON.parse(localStorage.getItem(SEEN_KEY) ?? '[]') as string[])
  /** Goes up when texts came or were handled, so that an open inbox reads again. */
  const textsChanged = ref(0)

  const ringing = computed(() => [...alarms.value.values()].sort((a, b) => (a.raised_at < b.raised_at ? 1 : -1)))
  const calls = computed(() => ringing.value.length + unseen.value.size)

  async function begin(cases: Case[]): Promise<void> {
    unseen.value = new Map(cases.filter(isNew).map((one) => [one.id, one]))
    await Promise.all([loadAlarms(), countTexts()])
  }

  async function loadAlarms(): Promise<void> {
    if (!session.may('see alarms')) return
    const rows = await api.alarms(session.station)
    alarms.value = new Map(rows.map((row) => [row.id, row]))
  }

  async function countTexts(): Promise<void> {
    if (!session.may('read texts')) return
    waitingTexts.value = (await api.inbox(session.station)).length
    textsChanged.value += 1
  }

  function take(frames: EventFrame[]): void {
    let texts = false
    for (const frame of frames) {
      if (frame.kind.startsWith('alarm.')) ring(frame.data['alarm'] as Alarm)
      if (frame.kind.startsWith('text.')) texts = true
      if (frame.case) look(frame.case)
    }
    triggerRef(alarms)
    triggerRef(unseen)
    if (texts) countTexts().catch(() => {}) // asked again with the next text or snapshot
  }

  function ring(alarm: Alarm): void {
    if (alarm.acknowledged_at) alarms.value.delete(alarm.id)
    else alarms.value.set(alarm.id, { ...alarms.value.get(alarm.id), ...alarm })
  }

  function look(one: Case): void {
    if (isNew(one)) unseen.value.set(one.id, one)
    else unseen.value.delete(one.id)
  }

  const isNew = (one: Case) =>
    one.level === 'extreme' && one.state !== 'closed' && one.held_by === null && !seen.has(one.id)

  /** The officer has seen this case: it does not ring here any more. */
  function see(id: string): void {
    seen.add(id)
    localStorage.setItem(SEEN_KEY, JSON.stringify([...seen].slice(-MOST_SEEN)))
    if (unseen.value.delete(id)) triggerRef(unseen)
  }

  async function acknowledge(id: string): Promise<void> {
    await api.acknowledgeAlarm(id)
    alarms.value.delete(id)
    triggerRef(alarms)
  }

  function forget(): void {
    alarms.value = new Map()
    unseen.value = new Map()
    waitingTexts.value = 0
  }

  return { ringing, unseen, waitingTexts, textsChanged, calls, begin, take, see, acknowledge, countTexts, forget }
})
