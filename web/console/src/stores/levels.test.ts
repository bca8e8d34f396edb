import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createApp, nextTick, type App, type Component } from 'vue'

import * as api from '@/api/calls'
import type { Case, Level } from '@/api/types'
import { i18n } from '@/i18n'
import LevelTag from '@/parts/LevelTag.vue'
import { useAttention } from './attention'
import { useDesk } from './desk'
import { useLevels } from './levels'
import { useLive } from './live'
import { usePresence } from './presence'
import { useSession } from './session'
import { QINGDAO, seated, signedIn, USUAL } from './testLevels'

vi.mock('vue-router', () => ({ useRouter: () => ({}) }))

let app: App | null = null

function shown(part: Component, given: object): HTMLElement {
  const host = document.createElement('div')
  app = createApp(part, given as Record<string, unknown>).use(i18n)
  app.mount(host)
  return host
}
const tag = (level: Level, station?: string) => {
  const host = shown(LevelTag, station ? { level, station } : { level })
  return host.querySelector('.level')!
}

beforeEach(() => setActivePinia(createPinia()))
afterEach(() => {
  app?.unmount()
  app = null
  i18n.global.locale.value = 'zh'
  vi.restoreAllMocks()
})

describe('the tag of a level', () => {
  it.each([
    ['extreme', '紧急', 'Urgent', 'red'],
    ['high', '高', 'High', 'yellow'],
    ['medium', '中', 'Medium', 'blue'],
    ['low', '低', 'Low', 'green'],
  ] as const)('has the name and the colour of the station: %s', async (level, zh, en, colour) => {
    seated()
    const one = tag(level)
    expect(one.textContent).toBe(zh)
    expect(one.classList).toContain(`level-${colour}`)
    i18n.global.locale.value = 'en'
    await nextTick()
    expect(one.textContent).toBe(en)
  })

  it('follows the station whose case it is, whichever one is chosen', () => {
    seated()
    expect(tag('high', 'LT').textContent).toBe('紧急')
    expect(tag('high', 'LT').classList).toContain('level-red')
    useSession().choose('LT')
    expect(tag('high').textContent).toBe('紧急')
    expect(tag('high', 'SN').textContent).toBe('高')
  })

  it('has the usual words and colours of a service that does not say', () => {
    const { levels: _, ...older } = signedIn()
    seated('zh', older)
    for (const level of Object.keys(USUAL) as Level[]) {
      expect(tag(level).textContent).toBe(USUAL[level].name.zh)
      expect(tag(level).classList).toContain(`level-${USUAL[level].colour}`)
    }
  })
})

describe('where the words are', () => {
  it('the filters offer the names of the chosen station', () => {
    seated()
    expect(useLevels().named.map((one) => one.name)).toEqual(['紧急', '高', '中', '低'])
    useSession().choose('LT')
    expect(useLevels().named.map((one) => one.name)).toEqual(['特急', '紧急', '较急', '一般'])
  })

  it('a mark has a letter of the name, and the usual letters beside the usual names', () => {
    seated()
    const letters = (station: string) => Object.values(useLevels().marksOf(station)).map((mark) => mark.letter).join('')
    expect(letters('SN')).toBe('紧高中低')
    expect(letters('LT')).toBe('特紧较般')
    i18n.global.locale.value = 'en'
    expect([letters('SN'), letters('LT')]).toEqual(['UHML', 'EHML'])
  })

  it.each([
    ['zh', '新的紧急案件'],
    ['en', 'New case: Urgent'],
  ] as const)('what calls for the officer names the gravest level: %s', (language, title) => {
    seated(language)
    const one = { id: 'c', level: 'extreme', state: 'dispatching', held_by: null, opened_at: '2026-04-29T08:00:00Z' } as unknown as Case
    useDesk().begin([one])
    let said = ''
    shown({ setup: () => () => ((said = useAttention().calls.map(useAttention().titleOf).join()), null) }, {})
    expect(said).toBe(title)
  })
})

/** A line that says what it is told to. */
class Line {
  static made: Line[] = []
  readyState = 1
  onmessage: (message: { data: string }) => void = () => {}
  onclose: (end: { code: number }) => void = () => {}
  constructor() {
    Line.made.push(this)
  }
  send(): void {}
  close(): void {}
  live(): void {
    this.onmessage({ data: JSON.stringify({ type: 'snapshot', epoch: 'e', seq: 1, cases: [], volunteers: [] }) })
  }
}

describe('a policy that was changed', () => {
  it('reaches a running console when its line is back', async () => {
    vi.useFakeTimers()
    vi.stubGlobal('WebSocket', Object.assign(Line, { OPEN: 1 }))
    seated('zh', signedIn({ SN: USUAL }))
    const asked = vi.spyOn(api, 'whoAmI').mockResolvedValue(signedIn({ SN: QINGDAO }))
    const live = useLive()
    live.start()
    Line.made[0]?.live()
    expect(asked).not.toHaveBeenCalled()
    Line.made[0]?.onclose({ code: 1006 })
    await vi.advanceTimersByTimeAsync(1_500)
    expect(useLevels().nameOf('extreme')).toBe('特急')
    Line.made.at(-1)?.live()
    await vi.advanceTimersByTimeAsync(0)
    expect(useLevels().nameOf('extreme')).toBe('紧急')
    live.stop()
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })

  it('is read when the line is back, and that counts as no act of the officer', async () => {
    vi.useFakeTimers()
    seated('zh', signedIn({ SN: USUAL }))
    usePresence().begin()
    const left = usePresence().leftMs
    vi.spyOn(api, 'whoAmI').mockResolvedValue(signedIn({ SN: QINGDAO }))
    vi.advanceTimersByTime(60_000)
    await useSession().freshen()
    expect(useLevels().nameOf('extreme')).toBe('紧急')
    await nextTick()
    expect(usePresence().leftMs).toBeLessThanOrEqual(left)
    vi.useRealTimers()
  })

  it('stays away from whoever signed in meanwhile', async () => {
    seated('zh', signedIn({ SN: USUAL }))
    vi.spyOn(api, 'whoAmI').mockImplementation(() => {
      useSession().me = { ...signedIn({ SN: USUAL }), name: 'wang.wei' }
      return Promise.resolve(signedIn({ SN: QINGDAO }))
    })
    await useSession().freshen()
    expect(useLevels().nameOf('extreme')).toBe('特急')
  })

  it('is kept as it was while the service is away', async () => {
    seated()
    vi.spyOn(api, 'whoAmI').mockRejectedValue(new Error('away'))
    await useSession().freshen()
    expect(useLevels().nameOf('extreme')).toBe('紧急')
  })
})
