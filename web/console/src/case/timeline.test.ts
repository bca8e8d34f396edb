import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { i18n } from '@/i18n'
import { aCase } from './testWorld'
import { linesOf } from './timeline'

const CORE = join(import.meta.dirname, '../../../../dispatcher')
const OF_NO_CASE = new Set(['volunteer.changed', 'text.received', 'text.handled', 'alarm.acknowledged'])

/** The kinds of events the service writes about a case, read from its source. */
function kindsWritten(): string[] {
  const sources = readdirSync(CORE, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.py'))
  const code = sources.map((name) => readFileSync(join(CORE, name), 'utf8')).join('\n')
  const found = [...code.matchAll(/(?:emit|emit_case|_emit|_tell)\(\s*(?:work, )?"([a-z_]+\.[a-z_]+)"/g)].map(([, kind]) => kind!)
  const ends = ['completed', 'released', 'recalled'].map((state) => `offer.${state}`)
  return [...new Set([...found, ...ends])].filter((kind) => !OF_NO_CASE.has(kind))
}

describe('the timeline', () => {
  it('has words in both languages for every event of a case', () => {
    const kinds = kindsWritten()
    expect(kinds.length).toBeGreaterThan(25)
    for (const language of ['zh', 'en'] as const) {
      expect(kinds.filter((kind) => !i18n.global.te(`case.event.${kind}`, language))).toEqual([])
    }
  })

  it('tells the newest first, and leaves a text on its way to the thread', () => {
    const lines = linesOf(
      [
        { seq: 1, kind: 'offer.queued', at: 't1', data: { offers: ['o1'] } },
        { seq: 2, kind: 'offer.delivered', at: 't2', data: { offer: 'o1' } },
        { seq: 3, kind: 'offer.accepted', at: 't3', data: { offer: 'o1', volunteer: { id: 'v1' } } },
      ],
      aCase(),
    )
    expect(lines.map((line) => [line.kind, line.who])).toEqual([['offer.accepted', ['v1']], ['offer.queued', ['v1']]])
  })

  it('says what an attempt came to, whose account is meant, and which alarm rang', () => {
    const one = aCase({
      contacts: [{ id: 'k', channel: 'door', result: 'not_found', by: 'v1', at: '' }],
      freezes: [{ id: 'f', account: '****0017', whose: 'own', asked_by: 'vest', state: 'draft', until: null, stop_no: null, version: 1 }],
    })
    const lines = linesOf(
      [
        { seq: 1, kind: 'contact.attempted', at: '', data: { contact: 'k' } },
        { seq: 2, kind: 'freeze.changed', at: '', data: { freeze: 'f' } },
        { seq: 3, kind: 'alarm.raised', at: '', data: { alarm: { kind: 'money_moving' } } },
      ],
      one,
    )
    expect(lines.map((line) => line.what)).toEqual([
      { alarm: 'money_moving' },
      { whose: 'own', state: 'draft', account: '****0017' },
      { channel: 'door', result: 'not_found', by: 'v1' },
    ])
    expect(lines.map((line) => line.group)).toEqual(['limits', 'money', 'contact'])
  })
})
