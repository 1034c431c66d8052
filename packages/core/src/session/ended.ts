import { refuse, type Refusal } from '../errors/refusal.ts'

/** The refusal of a session that is no more. */
export const sessionEnded = (why: string): Refusal =>
  refuse('session_ended', `The session has ended: ${why}.`, { trail: { check: 'session' } })
