import { parseObject } from '../lib/json.ts'
import { isRecord } from '../lib/own.ts'
import type { SealBox } from '../lib/seal.ts'
import type { Session } from './session.ts'
import type { Held } from './sessions.ts'
import type { StoredSession } from './store.ts'

/** Sessions as the text that a store keeps. */
export interface Bodies {
  write(session: Session, key: string): string
  /** `undefined` for what nobody here has written under that key. */
  open(stored: StoredSession, id: string, key: string): Held | undefined
}

/** The id is never part of the text; the key is, so that a text moved to another key does not open. */
export function createBodies(box: SealBox, encrypt: boolean): Bodies {
  return {
    write: (session, key) => {
      const text = JSON.stringify({ ...session, id: undefined, key })
      return encrypt ? box.seal(Buffer.from(text)) : text
    },
    open: (stored, id, key) => {
      const { body, version } = isRecord(stored) ? stored : nothing
      if (typeof body !== 'string' || typeof version !== 'number') return undefined
      const isPlain = body.startsWith('{')
      if (isPlain && encrypt) return undefined
      const parsed = parseObject(isPlain ? body : (box.open(body)?.toString() ?? ''))
      if (parsed === undefined || parsed['key'] !== key || !isContent(parsed)) return undefined
      const { key: _, ...content } = parsed
      return { session: { ...content, id }, mark: version }
    },
  }
}

const nothing: Readonly<Record<string, unknown>> = {}

// Written here, and sealed unless the operator said otherwise: the outline is enough to tell one from
// what another program, or an older version, has left under the key.
const isContent = (
  value: Readonly<Record<string, unknown>>,
): value is Readonly<Record<string, unknown>> & Omit<Session, 'id'> =>
  typeof value['issuer'] === 'string' &&
  typeof value['client'] === 'string' &&
  typeof value['scope'] === 'string' &&
  typeof value['createdAt'] === 'number' &&
  typeof value['seenAt'] === 'number' &&
  isRecord(value['claims']) &&
  Array.isArray(value['tokens'])
