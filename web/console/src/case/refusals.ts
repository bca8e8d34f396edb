/** Why the service refused an act, in the officer's language; the service says it in English. Pure. */
import { Problem } from '@/api/http'

type Say = (key: string, named?: Record<string, unknown>) => string

const REFUSALS: [RegExp, string, string?][] = [
  [/^the case is held by (.+)$/, 'heldBy', 'name'],
  [/^the case is closed$/, 'closed'],
  [/^the case is open$/, 'open'],
  [/^the resident has an open case already: (.+)$/, 'otherCase', 'number'],
  [/^nobody holds the case/, 'nobodyHolds'],
  [/^(.+) is on this case already$/, 'onThis', 'name'],
  [/^(.+) is on another case already$/, 'onAnother', 'name'],
  [/^(.+) is being asked for this case already$/, 'askedForThis', 'name'],
  [/^(.+) is being asked for another case already$/, 'askedForAnother', 'name'],
  [/^(.+) was asked for another case a moment ago$/, 'askedForAnother', 'name'],
  [/^the resident was met and talked out of it/, 'dissuaded'],
  [/^it has ended already/, 'ended'],
  [/^(.+) was first: /, 'stopFirst', 'name'],
  [/^the station asks for a second officer/, 'secondOfficer'],
  [/^another officer than/, 'otherOfficer'],
  [/^this account may be stopped twice, and was: (.+)$/, 'stoppedTwice', 'which'],
  [/^the case is open: the money/, 'confirmRelease'],
  [/^it ended at /, 'overBefore'],
  [/^it lies in the future/, 'future'],
  [/^there is no colleague of that name/, 'noColleague'],
  [/^there is no such case$/, 'noCase'],
  [/^the role .+ may not/, 'role'],
]

/** What to tell the officer about a failed act. */
export function refusalText(fault: unknown, t: Say): string {
  if (!(fault instanceof Problem)) return fault instanceof Error ? fault.message : String(fault)
  if (fault.passing) return t(fault.status === 429 ? 'case.refused.tooMany' : 'shell.unreachable')
  for (const [pattern, key, name] of REFUSALS) {
    const found = pattern.exec(fault.detail)
    if (found) return t(`case.refused.${key}`, name ? { [name]: found[1] } : {})
  }
  return fault.detail
}
