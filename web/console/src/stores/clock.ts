/** The service's time, once a second; what is left of a limit is computed from it, never counted down. */
import { defineStore } from 'pinia'
import { ref } from 'vue'

import { serverOffsetMs } from '@/api/http'

export const useClock = defineStore('clock', () => {
  const read = () => Date.now() + serverOffsetMs()
  const now = ref(read())
  window.setInterval(() => {
    now.value = read()
  }, 1000)
  return { now }
})
