/** Who sits here, and what they may do. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'

import * as api from '@/api/calls'
import { Problem } from '@/api/http'
import type { About, Me } from '@/api/types'

const CHOSEN_STATION = 'bluevest.station'

export const useSession = defineStore('session', () => {
  const me = shallowRef<Me | null>(null)
  const news = shallowRef<{ of: Me; levels: Me['levels'] } | null>(null)
  const about = shallowRef<About | null>(null)
  /** Whether whoever sat here last signed out; a session may also end by itself. */
  const left = ref(false)
  const chosen = ref(localStorage.getItem(CHOSEN_STATION))

  const station = computed(() => {
    const stations = me.value?.stations ?? []
    return stations.find((code) => code === chosen.value) ?? stations[0]
  })

  /** What the stations call the levels, and their colours. */
  const levels = computed(() => (news.value?.of === me.value ? news.value?.levels : me.value?.levels) ?? {})

  let tellKnown: () => void = () => {}
  /** Resolves once the service has said who we are, if anybody. */
  const known = new Promise<void>((resolve) => (tellKnown = resolve))

  /** Ask the service who we are; nobody, when there is no session. Rejects when the service is away. */
  async function recall(): Promise<void> {
    about.value ??= await api.about()
    try {
      me.value = await api.whoAmI()
    } catch (problem) {
      if (!(problem instanceof Problem) || problem.status !== 401) throw problem
      me.value = null
    }
    tellKnown()
  }

  async function signIn(name: string, password: string, totp?: string): Promise<void> {
    me.value = await api.signIn(name, password, totp)
    left.value = false
  }

  /** What a station has set since we signed in. It is no act of the officer, so `me` stays who it was. */
  async function freshen(): Promise<void> {
    const of = me.value
    const now = await api.whoAmI(true).catch(() => null)
    if (of && now) news.value = { of, levels: now.levels }
  }

  async function confirmEnrolment(totp: string): Promise<void> {
    me.value = await api.confirmEnrolment(totp)
  }

  /** Raises Problem: then the session lives on. */
  async function signOut(): Promise<void> {
    await api.signOut()
    left.value = true
    me.value = null
  }

  function choose(code: string): void {
    chosen.value = code
    localStorage.setItem(CHOSEN_STATION, code)
  }

  const may = (permission: string) => me.value?.permissions.includes(permission) ?? false

  return { me, left, about, station, levels, known, recall, signIn, freshen, confirmEnrolment, signOut, choose, may }
})
