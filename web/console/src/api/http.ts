/** Calls to the service; every error becomes a Problem (RFC 9457). */

export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly detail: string,
    readonly field: string | null = null,
  ) {
    super(detail)
    this.name = 'Problem'
  }

  /** The service was not reached, or could not write: the same may be tried again. */
  get passing(): boolean {
    return this.status === 0 || this.status === 503 || this.status === 429
  }
}

interface Options {
  method?: 'GET' | 'POST' | 'DELETE'
  body?: unknown
  query?: Record<string, string | number | boolean | undefined>
  /** Makes a repeated request the same request: a lost answer must not double what was done. */
  key?: string
  /** The page asks by itself: it does not count as the officer being there (idle exit). */
  byItself?: boolean
}

const TIMEOUT_MS = 15_000

let clockOffsetMs = 0
let onSignedOut: () => void = () => {}

/** How far the service's clock is ahead of this machine's, in milliseconds, to about a second. */
export function serverOffsetMs(): number {
  return clockOffsetMs
}

/** What to do when the service no longer knows this session. */
export function whenSignedOut(act: () => void): void {
  onSignedOut = act
}

/** Ask the service; resolves to the answer's JSON, or null for an empty one. Rejects with a Problem. */
export async function call<T>(path: string, options: Options = {}): Promise<T> {
  const answer = await reach(address(path, options.query), {
    method: options.method ?? (options.body === undefined ? 'GET' : 'POST'),
    headers: headersOf(options),
    body: options.body === undefined ? null : JSON.stringify(options.body),
    credentials: 'same-origin',
    cache: 'no-store',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  readClock(answer)
  if (!answer.ok) throw await problemOf(answer, path)
  return (answer.status === 204 ? null : await answer.json()) as T
}

/** A fresh key for one deliberate act; keep it for its retries. */
export function actKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function address(path: string, query: Options['query']): string {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) params.set(name, String(value))
  }
  const asked = params.toString()
  return asked ? `${path}?${asked}` : path
}

function headersOf(options: Options): Record<string, string> {
  const headers: Record<string, string> = { accept: 'application/json' }
  if (options.body !== undefined) headers['content-type'] = 'application/json'
  if (options.key) headers['idempotency-key'] = options.key
  if (options.byItself) headers['x-by-itself'] = '1'
  return headers
}

async function reach(url: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(url, request)
  } catch {
    throw new Problem(0, 'unreachable')
  }
}

function readClock(answer: Response): void {
  const date = Date.parse(answer.headers.get('date') ?? '')
  if (!Number.isNaN(date)) {
    const offset = date + 500 - Date.now()
    // A header tells whole seconds: small differences are rounding, and clocks on the screen must not jitter.
    clockOffsetMs = Math.abs(offset - clockOffsetMs) > 1500 ? offset : clockOffsetMs
  }
}

async function problemOf(answer: Response, path: string): Promise<Problem> {
  const said = (await answer.json().catch(() => ({}))) as { detail?: string; title?: string; field?: string | null }
  if (answer.status === 401 && path !== '/api/session') onSignedOut()
  return new Problem(answer.status, said.detail ?? said.title ?? String(answer.status), said.field ?? null)
}
