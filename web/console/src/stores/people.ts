/** The station's volunteers by id, and whoever else is asked by it. */
import { defineStore } from 'pinia'
import { computed, shallowRef, triggerRef } from 'vue'

import type { Volunteer } from '@/api/types'
import type { EventFrame } from '@/live/frames'

export const usePeople = defineStore('people', () => {
  const byId = shallowRef(new Map<string, Volunteer>())
  const onDuty = computed(() => [...byId.value.values()].filter((one) => one.on_duty))

  function begin(people: Volunteer[]): void {
    byId.value = new Map(people.map((one) => [one.id, one]))
  }

  function take(frames: EventFrame[]): void {
    const changed = frames.flatMap((frame) => frame.data.volunteer ?? [])
    for (const one of changed) byId.value.set(one.id, one)
    if (changed.length > 0) triggerRef(byId)
  }

  function put(one: Volunteer): void {
    byId.value.set(one.id, one)
    triggerRef(byId)
  }

  /** The name of a volunteer, or what was given when it is no volunteer's id: an officer's name. */
  const nameOf = (id: string) => byId.value.get(id)?.name ?? id

  function forget(): void {
    byId.value = new Map()
  }

  return { byId, onDuty, begin, take, put, nameOf, forget }
})
