/** Words about a case that need more than one text. */

type Say = (key: string) => string

const LISTED = new Set([
  'brushing_rebates',
  'fake_investment',
  'fake_shopping',
  'fake_customer_service',
  'loan_credit',
  'impersonating_acquaintance',
  'impersonating_authorities',
  'romance',
  'fake_game_trade',
  'ticket_refund',
])

/** The fraud type in the officer's language; one that is not on the list is shown as the centre wrote it. */
export function fraudText(code: string | null, t: Say): string {
  if (!code) return t('queue.unknownType')
  return LISTED.has(code) ? t(`fraud.${code}`) : code
}
