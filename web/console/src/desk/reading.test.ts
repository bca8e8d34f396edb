import { expect, it } from 'vitest'

import type { CasesFound } from '@/api/deskCalls'
import type { Case } from '@/api/types'
import { usePages } from './usePages'
import { useReading } from './useReading'

/** A service whose answers come when the test says so. */
function service<T>() {
  const asked: { answer: (value: T) => void; fail: (why: Error) => void }[] = []
  const read = () => new Promise<T>((answer, fail) => asked.push({ answer, fail }))
  return { asked, read }
}
const settle = () => new Promise((done) => setTimeout(done))

it('a slow answer to an earlier question never covers a later one', async () => {
  const { asked, read } = service<string>()
  const reading = useReading(read)
  void reading.again()
  void reading.afresh()
  asked[1]?.answer('handled')
  asked[0]?.answer('waiting')
  await settle()
  expect(reading.value.value).toBe('handled')
  expect(reading.busy.value).toBe(false)
})

it('changes while reading lead to one more reading, not to one each', async () => {
  const { asked, read } = service<number>()
  const reading = useReading(read)
  void reading.again()
  for (let changes = 0; changes < 5; changes += 1) void reading.nudge()
  asked[0]?.answer(1)
  await settle()
  expect(asked).toHaveLength(2)
  asked[1]?.answer(2)
  await settle()
  expect([asked.length, reading.value.value]).toEqual([2, 2])
})

it('a fault keeps what was read, and goes with the next answer', async () => {
  const { asked, read } = service<string>()
  const reading = useReading(read)
  void reading.again()
  asked[0]?.answer('texts')
  await settle()
  void reading.again()
  asked[1]?.fail(new Error('gone'))
  await settle()
  expect([reading.value.value, String(reading.fault.value)]).toEqual(['texts', 'Error: gone'])
  void reading.again()
  asked[2]?.answer('texts')
  await settle()
  expect(reading.fault.value).toBeNull()
})

const page = (id: string, next: string | null): CasesFound => ({ cases: [{ id } as Case], total: 2, next })

it('a page that failed is asked for again, and nothing is there twice', async () => {
  const asked: (string | undefined)[] = []
  const answers = [() => page('a', 'a'), () => Promise.reject(new Error('away')), () => page('b', null)]
  const pages = usePages(async (after) => {
    asked.push(after)
    return answers[asked.length - 1]!()
  })
  await pages.begin()
  await pages.more()
  expect(String(pages.fault.value)).toBe('Error: away')
  await pages.retry()
  expect(asked).toEqual([undefined, 'a', 'a'])
  expect(pages.cases.value.map((one) => one.id)).toEqual(['a', 'b'])
  expect([pages.next.value, pages.fault.value]).toEqual([null, null])
})
