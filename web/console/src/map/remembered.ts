/** How the officer left the map: its place while the console is open, its layers on this machine. */
import { ref, watch } from 'vue'

import type { Kept } from './outlook'
import type { LayerName } from './StationMap'

const KEY = 'bluevest.map'

/** By station. */
export const views = new Map<string, Kept>()

interface Chosen {
  shown: Record<LayerName, boolean>
  /** The panel; null: as the width of the screen suggests. */
  open: boolean | null
  as: 'map' | 'list'
}

export function useRemembered() {
  const usual: Chosen = { shown: { areas: true, grids: true, onDuty: true, offDuty: false }, open: null, as: 'map' }
  const kept = ref<Chosen>({ ...usual, ...read() })
  watch(kept, (now) => localStorage.setItem(KEY, JSON.stringify(now)), { deep: true })
  return kept
}

function read(): Partial<Chosen> {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Chosen>
  } catch {
    return {}
  }
}
