/** A span of time in the language of the page: `4:05`, `2天 03:10`. */
import { useI18n } from 'vue-i18n'

import { spanText } from '@/words/urgency'

export function useSpan(): (ms: number) => string {
  const { t } = useI18n()
  return (ms) => spanText(ms, t('span.day'))
}
