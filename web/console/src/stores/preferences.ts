/** What this officer chose for this machine: language, theme, sound. */
import { defineStore } from 'pinia'
import { ref, watch } from 'vue'

export type Language = 'zh' | 'en'
export type Theme = 'dark' | 'light'

const KEY = 'bluevest.preferences'

interface Kept {
  language: Language
  theme: Theme
  sound: boolean
  notifications: boolean
}

function kept(): Kept {
  const usual: Kept = {
    language: 'zh',
    theme: matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark',
    sound: true,
    notifications: false,
  }
  try {
    return { ...usual, ...(JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Kept>) }
  } catch {
    return usual
  }
}

export const usePreferences = defineStore('preferences', () => {
  const start = kept()
  const language = ref<Language>(start.language)
  const theme = ref<Theme>(start.theme)
  const sound = ref(start.sound)
  const notifications = ref(start.notifications)

  watch(
    [language, theme, sound, notifications],
    () => {
      const now: Kept = {
        language: language.value,
        theme: theme.value,
        sound: sound.value,
        notifications: notifications.value,
      }
      localStorage.setItem(KEY, JSON.stringify(now))
      document.documentElement.classList.toggle('dark', theme.value === 'dark')
      document.documentElement.lang = language.value
    },
    { immediate: true },
  )

  return { language, theme, sound, notifications }
})
