/** The station's open cases by id. One change for all frames of a moment, so that the screen is drawn once. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, triggerRef } from 'vue'

import type { Case } from '@/api/types'
import type { EventFrame } from '@/live/frames'
import { inOrder } from '@/words/urgency'

export const useCases = defineStore('cases', () => {
  const byId = shallowRef(new Map<string, Case>())
  const loaded = ref(false)
  /** The newest event of each case, for pages that must read more of it again. */
  const touched = shallowRef(new Map<string, number>())

  const queue = computed(() => inOrder([...byId.value.values()]))

  function begin(cases: Case[]): void {
    byId.value = new Map(cases.map((one) => [one.id, one]))
    touched.value = new Map()
    loaded.value = true
  }

  function take(frames: EventFrame[]): void {
    for (const frame of frames) {
      if (frame.case === null) continue
      touched.value.set(frame.case.id, frame.seq)
      if (frame.case.state === 'closed') byId.value.delete(frame.case.id)
      else byId.value.set(frame.case.id, frame.case)
    }
    triggerRef(byId)
    triggerRef(touched)
  }

  function forget(): void {
    byId.value = new Map()
    touched.value = new Map()
    loaded.value = false
  }

  return { byId, queue, loaded, touched, begin, take, forget }
})
