/** Ties the feed to the stores: what comes over the line goes to whoever keeps it. */
import { defineStore } from 'pinia'
import { ref } from 'vue'

import * as api from '@/api/calls'
import { Feed, type Line } from '@/live/feed'
import { useCases } from './cases'
import { useDesk } from './desk'
import { usePeople } from './people'
import { useSession } from './session'

export const useLive = defineStore('live', () => {
  const session = useSession()
  const cases = useCases()
  const people = usePeople()
  const desk = useDesk()
  const line = ref<Line>('connecting')
  const lostAt = ref<number | null>(null)
  let feed: Feed | null = null

  /** Watch the chosen station from now on. */
  function start(): void {
    stop()
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
    const asked = session.station ? `?station=${encodeURIComponent(session.station)}` : ''
    feed = new Feed(`${scheme}://${location.host}/ws/console${asked}`, {
      snapshot: (frame) => {
        cases.begin(frame.cases)
        people.begin(frame.volunteers)
        desk.begin(frame.cases)
      },
      events: (frames) => {
        cases.take(frames)
        people.take(frames)
        desk.take(frames)
      },
      line: changed,
      signedOut: () => session.$patch({ me: null }),
      newEpoch: () => location.reload(),
    })
    feed.start()
    addEventListener('online', hurry)
    document.addEventListener('visibilitychange', hurry)
  }

  function stop(): void {
    feed?.stop()
    feed = null
    removeEventListener('online', hurry)
    document.removeEventListener('visibilitychange', hurry)
    cases.forget()
    people.forget()
    desk.forget()
  }

  const hurry = () => feed?.hurry()

  function changed(now: Line): void {
    if (now === 'live') {
      // What the station set while the line was away, such as the names of its levels, is in no event.
      if (lostAt.value !== null) void session.freshen()
      lostAt.value = null
    }
    else if (now === 'lost') {
      lostAt.value ??= Date.now()
      // A refused upgrade looks like a lost line to a page; the API says whether the session has ended.
      api.whoAmI(true).catch(() => {})
    }
    if (now !== 'connecting' || lostAt.value === null) line.value = now
  }

  return { line, lostAt, start, stop, hurry }
})
