/** Words of the case's page that need more than one text. Pure, with `now` given. */

type Say = (key: string, named?: Record<string, unknown>) => string

const clock = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Asia/Shanghai',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})

/** `02:14:05`; with the day when it is another one than that of `now` (milliseconds): `04-29 02:14:05`. */
export function clockText(moment: string, now: number): string {
  const [day, time] = parts(Date.parse(moment))
  return day === parts(now)[0] ? time : `${day} ${time}`
}

/** `¥50,000`, `$12.50`; empty for what is no sum. Without a currency it is yuan. */
export function moneyText(amount: string | null, currency: string | null, language: string): string {
  const value = Number(amount)
  if (amount === null || amount === '' || Number.isNaN(value)) return ''
  const code = currency ?? 'CNY'
  const digits = Number.isInteger(value) ? 0 : 2
  const shape = { minimumFractionDigits: digits, maximumFractionDigits: digits }
  const local = language === 'en' ? 'en' : 'zh-CN'
  if (!/^[A-Z]{3}$/.test(code)) return `${new Intl.NumberFormat(local, shape).format(value)} ${code}`
  const style = { style: 'currency', currency: code, currencyDisplay: 'narrowSymbol' } as const
  return new Intl.NumberFormat(local, { ...shape, ...style }).format(value)
}

/** `420 米`, `1.3 公里`. */
export function distanceText(metres: number, t: Say): string {
  return metres < 995
    ? t('case.metres', { count: Math.round(metres / 10) * 10 })
    : t('case.kilometres', { count: (metres / 1000).toFixed(1) })
}

function parts(ms: number): [day: string, time: string] {
  const found = Object.fromEntries(clock.formatToParts(ms).map((part) => [part.type, part.value]))
  return [`${found['month']}-${found['day']}`, `${found['hour']}:${found['minute']}:${found['second']}`]
}
