/** Moments as a person reads them: the clock's time of the station, and how long ago that was. */

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const clock = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Asia/Shanghai',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
})
const ages = new Map<string, Intl.RelativeTimeFormat>()

/** `08-31 02:14`; with the year when it is another one than that of `now` (milliseconds). */
export function momentText(moment: string, now: number): string {
  const [year, rest] = parts(Date.parse(moment))
  return year === parts(now)[0] ? rest : `${year}-${rest}`
}

/** `04:00` while it is less than a day ahead, else with its date: `05-04 20:00`. */
export function comingText(moment: string, now: number): string {
  const text = momentText(moment, now)
  return Date.parse(moment) - now < DAY ? text.slice(-5) : text
}

/** `3分钟前`, `2 hours ago`, in whole units; `now` in milliseconds. */
export function ageText(moment: string, now: number, language: string): string {
  const ms = Math.max(0, now - Date.parse(moment))
  const words = relative(language)
  if (ms < MINUTE) return words.format(-Math.floor(ms / 1000), 'second')
  if (ms < HOUR) return words.format(-Math.floor(ms / MINUTE), 'minute')
  if (ms < DAY) return words.format(-Math.floor(ms / HOUR), 'hour')
  return words.format(-Math.floor(ms / DAY), 'day')
}

function parts(ms: number): [year: string, rest: string] {
  const found = Object.fromEntries(clock.formatToParts(ms).map((part) => [part.type, part.value]))
  return [found['year'] ?? '', `${found['month']}-${found['day']} ${found['hour']}:${found['minute']}`]
}

function relative(language: string): Intl.RelativeTimeFormat {
  const made = ages.get(language) ?? new Intl.RelativeTimeFormat(language, { numeric: 'always' })
  ages.set(language, made)
  return made
}
