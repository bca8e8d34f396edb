/** Places with their areas, and their names in both languages. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'

import * as api from '@/api/calls'
import type { PlaceFeature } from '@/api/types'

export const usePlaces = defineStore('places', () => {
  const features = shallowRef<PlaceFeature[]>([])
  const loaded = ref(false)
  const synthetic = computed(() => features.value.some((one) => one.geometry && one.properties.synthetic))
  const english = computed(
    () => new Map(features.value.map((one) => [one.properties.name, one.properties.name_en ?? one.properties.name])),
  )
  const byCode = computed(() => new Map(features.value.map((one) => [one.properties.code, one])))

  async function load(): Promise<void> {
    features.value = await api.places()
    loaded.value = true
  }

  /** A place's name as the officer reads it; the service sends the Chinese one. */
  const named = (name: string, language: string) => (language === 'en' ? (english.value.get(name) ?? name) : name)

  return { features, loaded, synthetic, byCode, load, named }
})
