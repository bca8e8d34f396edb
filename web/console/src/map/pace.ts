/** Gathers many wishes into few acts: at most one an interval, the first of a quiet time at once. */
export class Pace {
  private timer: number | undefined
  private last = -Infinity

  constructor(
    private readonly act: () => void,
    private readonly everyMs: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Have it done soon: now when the last time is long enough ago, else when it is. */
  ask(): void {
    if (this.timer !== undefined) return
    const wait = Math.max(0, this.last + this.everyMs - this.now())
    this.timer = window.setTimeout(() => {
      this.timer = undefined
      this.last = this.now()
      this.act()
    }, wait)
  }

  stop(): void {
    window.clearTimeout(this.timer)
    this.timer = undefined
  }
}
