/** What went wrong, as a person reads it. */
import { Problem } from '@/api/http'

/** The service's own words where it gave any; `unreachable` when it was not reached. */
export function faultText(fault: unknown, unreachable: string): string {
  if (fault instanceof Problem) return fault.status === 0 || fault.status === 503 ? unreachable : fault.detail
  return fault instanceof Error ? fault.message : String(fault)
}
