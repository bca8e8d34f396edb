/** What calls for the officer beside the queue: ringing alarms, texts nobody could read, new gravest cases. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, triggerRef } from 'vue'

import * as api from '@/api/calls'
import { Problem } from '@/api/http'
import type { Alarm, Case } from '@/api/types'
import { pauseMs } from '@/live/backoff'
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

  /** Which station's desk this is: answers to what an earlier one asked are dropped. */
  let turn = 0
  /** Alarms the feed spoke of while the list was being read: its word is newer than the list. */
  let told = new Set<string>()
  let counting = 0

  function begin(cases: Case[]): void {
    turn += 1
    unseen.value = new Map(cases.filter(isNew).map((one) => [one.id, one]))
    if (session.may('see alarms')) void untilRead(loadAlarms)
    if (session.may('read texts')) void untilRead(countTexts)
  }

  /** Again and again while this desk is on the screen: without its alarms it would be quiet and look well. */
  async function untilRead(read: () => Promise<void>): Promise<void> {
    const mine = turn
    for (let tries = 0; mine === turn; tries += 1) {
      try {
        return await read()
      } catch {
        await new Promise((done) => window.setTimeout(done, pauseMs(tries)))
      }
    }
  }

  async function loadAlarms(): Promise<void> {
    const mine = turn
    told = new Set()
    const rows = await api.alarms(session.station)
    if (mine !== turn) return
    const kept = [...alarms.value].filter(([id]) => told.has(id))
    const read = rows.filter((row) => !told.has(row.id)).map((row): [string, Alarm] => [row.id, row])
    alarms.value = new Map([...read, ...kept])
  }

  /** Only the newest answer counts, so that a slow one never covers it. */
  async function countTexts(): Promise<void> {
    if (!session.may('read texts')) return
    const mine = ++counting
    const rows = await api.inbox(session.station)
    if (mine !== counting) return
    waitingTexts.value = rows.length
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
    if (texts) void untilRead(countTexts)
  }

  function ring(alarm: Alarm): void {
    told.add(alarm.id)
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

  /** Raises Problem; when another officer was first (409), it rings no more all the same. */
  async function acknowledge(id: string): Promise<void> {
    try {
      await api.acknowledgeAlarm(id)
    } catch (problem) {
      if (!(problem instanceof Problem) || problem.status !== 409) throw problem
      hush(id)
      throw problem
    }
    hush(id)
  }

  function hush(id: string): void {
    told.add(id)
    alarms.value.delete(id)
    triggerRef(alarms)
  }

  function forget(): void {
    turn += 1
    counting += 1
    alarms.value = new Map()
    unseen.value = new Map()
    waitingTexts.value = 0
  }

  return { ringing, unseen, waitingTexts, textsChanged, calls, begin, take, see, acknowledge, countTexts, forget }
})
