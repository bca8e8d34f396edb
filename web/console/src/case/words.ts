/** Words of the case's page that need more than one text. Pure, with `now` given. */
import type { LonLat } from '@/api/types'

type Say = (key: string, named?: Record<string, unknown>) => string

const STEPS: [number, string][] = [
  [86_400_000, 'days'],
  [3_600_000, 'hours'],
  [60_000, 'minutes'],
  [1_000, 'seconds'],
]

/** How long ago: `4 分钟前`. */
export function agoText(moment: string, now: number, t: Say): string {
  const past = now - Date.parse(moment)
  const step = STEPS.find(([ms]) => past >= ms)
  return step && past >= 5_000 ? t(`case.ago.${step[1]}`, { count: Math.floor(past / step[0]) }) : t('case.ago.now')
}

/** Local time of the browser; the day too when it is another one. */
export function clockText(moment: string, now: number): string {
  const at = new Date(moment)
  const two = (value: number) => String(value).padStart(2, '0')
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
  return at.toDateString() === new Date(now).toDateString() ? time : `${two(at.getMonth() + 1)}-${two(at.getDate())} ${time}`
}

export function moneyText(amount: string | null, currency: string | null, language: string): string {
  const value = Number(amount)
  if (amount === null || Number.isNaN(value)) return ''
  const known = currency === null || /^[A-Z]{3}$/.test(currency)
  const shape = new Intl.NumberFormat(language === 'en' ? 'en' : 'zh-CN', {
    ...(known ? { style: 'currency', currency: currency ?? 'CNY', currencyDisplay: 'narrowSymbol' } : {}),
    maximumFractionDigits: value % 1 === 0 ? 0 : 2,
    minimumFractionDigits: value % 1 === 0 ? 0 : 2,
  })
  return known ? shape.format(value) : `${shape.format(value)} ${currency}`
}

export function distanceText(metres: number, t: Say): string {
  return metres < 1000
    ? t('case.metres', { count: Math.round(metres / 10) * 10 })
    : t('case.kilometres', { count: (metres / 1000).toFixed(1) })
}

/** For reading out to somebody who asks where: degrees in WGS-84. */
export const pointText = (point: LonLat) => `${point.lon.toFixed(5)}, ${point.lat.toFixed(5)}`
