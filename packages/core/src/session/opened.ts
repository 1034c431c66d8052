import { LRUCache } from 'lru-cache'
import { deepFreeze } from '../lib/freeze.ts'
import { fingerprint } from '../lib/seal.ts'
import type { Session } from './session.ts'

/** Makes a session of the text in a cookie, or nothing. */
export type Opener = (text: string) => Session | undefined

/**
 * Opens the same text once. What is remembered holds no token, so that no dump of the memory shows one:
 * they are opened anew where somebody asks for them, which few requests do.
 */
export function openedOnce(open: Opener, entries: number): Opener {
  const known = new LRUCache<string, Lean>({ max: entries })
  return (text) => {
    const name = fingerprint(text)
    const found = known.get(name)
    if (found !== undefined) return whole(found, () => open(text))
    const session = open(text)
    if (session !== undefined) known.set(name, leanOf(session))
    return session
  }
}

type Secret = 'tokens' | 'refreshToken' | 'idToken'
type Lean = Omit<Session, Secret>

function leanOf({ tokens: _tokens, refreshToken: _refresh, idToken: _id, ...lean }: Session): Lean {
  // Requests share it, and what one of them does to it must not reach another.
  return deepFreeze(lean)
}

function whole(lean: Lean, openAgain: () => Session | undefined): Session {
  let opened: Session | undefined
  const again = (): Session => {
    opened ??= openAgain()
    if (opened === undefined) throw new Error('what was opened before does not open any more')
    return opened
  }
  const session = {
    id: lean.id,
    issuer: lean.issuer,
    client: lean.client,
    claims: lean.claims,
    scope: lean.scope,
    createdAt: lean.createdAt,
    seenAt: lean.seenAt,
    ...(lean.data !== undefined && { data: lean.data }),
    get tokens() {
      return again().tokens
    },
    get refreshToken() {
      return again().refreshToken
    },
    get idToken() {
      return again().idToken
    },
  }
  // What gives `undefined` is not there: nobody asks a session for the names of its members.
  return session as Session
}
