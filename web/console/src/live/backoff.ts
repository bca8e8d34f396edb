/** How long to wait before the next try, in milliseconds: soon at first, spread so that consoles do not come at once. */
export function pauseMs(tries: number, random: () => number = Math.random): number {
  const longest = Math.min(8000, 400 * 2 ** Math.min(tries, 6))
  return longest * (0.5 + random() / 2)
}
