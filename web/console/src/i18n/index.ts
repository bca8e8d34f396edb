/** Chinese first; English is complete, which a test holds. One file an area, the same names in both languages. */
import { createI18n } from 'vue-i18n'

import en from './en'
import zh from './zh'

export type Texts = typeof zh

export const i18n = createI18n<[Texts], 'zh' | 'en', false>({
  legacy: false,
  locale: 'zh',
  fallbackLocale: 'zh',
  messages: { zh, en },
  missing: (language: string, key: string) => {
    console.error(`no text ${key} in ${language}`)
  },
})
