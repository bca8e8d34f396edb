/** The frames of the live feed (contract: Console). */
import type { Case, Volunteer } from '@/api/types'

export interface SnapshotFrame {
  type: 'snapshot'
  epoch: string
  seq: number
  cases: Case[]
  volunteers: Volunteer[]
}

export interface EventFrame {
  type: 'event'
  seq: number
  kind: string
  at: string
  case_id: string | null
  case: Case | null
  data: Record<string, unknown> & { volunteer?: Volunteer }
}

export interface PongFrame {
  type: 'pong'
}

export type Frame = SnapshotFrame | EventFrame | PongFrame
