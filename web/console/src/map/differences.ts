/** What changed since it was last drawn, by the identity of the kept objects: nothing else is touched. */

export interface Differences<T> {
  changed: [string, T][]
  gone: string[]
}

/** Compares, and brings `drawn` to what is now. */
export function takeDifferences<T>(drawn: Map<string, T>, now: ReadonlyMap<string, T>): Differences<T> {
  const changed: [string, T][] = []
  const gone: string[] = []
  for (const [id, one] of now) {
    if (drawn.get(id) !== one) {
      changed.push([id, one])
      drawn.set(id, one)
    }
  }
  if (drawn.size > now.size) {
    for (const id of drawn.keys()) if (!now.has(id)) gone.push(id)
    for (const id of gone) drawn.delete(id)
  }
  return { changed, gone }
}
