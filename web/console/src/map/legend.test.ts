import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createApp, nextTick, type App } from 'vue'

import { i18n } from '@/i18n'
import { useSession } from '@/stores/session'
import { seated } from '@/stores/testLevels'
import type { CaseLook, Look } from './looks'
import MapPanel from './MapPanel.vue'

const drawn: CaseLook[] = []
vi.mock('./draw', () => ({
  drawn: (look: Look) => {
    if (look.kind === 'case') drawn.push({ ...look })
    return document.createElement('canvas')
  },
}))

let app: App | null = null

function legend(): HTMLElement {
  const host = document.createElement('div')
  app = createApp(MapPanel, { counts: {}, open: true, shown: { areas: true, grids: true, onDuty: true, offDuty: false } }).use(i18n)
  app.mount(host)
  return host
}
const names = (host: HTMLElement) => [...host.querySelectorAll('ul li')].slice(0, 4).map((line) => line.textContent)
const marks = () => drawn.slice(0, 4).map(({ level, text, colour }) => `${level} ${text} ${colour}`)

beforeEach(() => {
  drawn.length = 0
  setActivePinia(createPinia())
})
afterEach(() => {
  app?.unmount()
  i18n.global.locale.value = 'zh'
})

describe('the legend of the map', () => {
  it('names the levels as the station does, beside marks in its colours', () => {
    seated()
    const host = legend()
    expect(names(host)).toEqual(['紧急', '高', '中', '低'])
    expect(marks()).toEqual(['extreme 紧 red', 'high 高 yellow', 'medium 中 blue', 'low 低 green'])
  })

  it('does so in English', () => {
    seated('en')
    expect(names(legend())).toEqual(['Urgent', 'High', 'Medium', 'Low'])
    expect(marks()).toEqual(['extreme U red', 'high H yellow', 'medium M blue', 'low L green'])
  })

  it('is drawn anew when another station is chosen', async () => {
    seated()
    const host = legend()
    drawn.length = 0
    useSession().choose('LT')
    await nextTick()
    expect(names(host)).toEqual(['特急', '紧急', '较急', '一般'])
    expect(marks()).toEqual(['extreme 特 purple', 'high 紧 red', 'medium 较 yellow', 'low 般 blue'])
  })
})
