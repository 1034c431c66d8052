import type { CookieAttributes } from '../http/cookies.ts'
import type { HeaderField } from '../http/reply.ts'
import { checkOptions, count, either, oneOf, record } from '../lib/assert.ts'
import { createSealBox, type SealBox } from '../lib/seal.ts'
import {
  expireChunks,
  expireRest,
  findChunks,
  joinChunks,
  sentBytes,
  writeChunks,
} from './chunks.ts'
import { openedOnce, type Opener } from './opened.ts'
import { packSession, unpackSession } from './pack-session.ts'
import type { Session } from './session.ts'
import type { CookieSettings, Sessions, Vault, VaultReport } from './sessions.ts'
import { sessionChecks, sessionSettings, type SessionOptions } from './settings.ts'

/** How sessions are kept in the browser itself. */
export interface SealedSessionOptions extends SessionOptions {
  /**
   * Remembers cookies that were opened, without their tokens, so that the next request with one need not
   * decipher it; `false` remembers none. Default 1,000 entries.
   */
  readonly cache?: false | { readonly entries?: number }
}

/** Keeps each session in the browser that it belongs to, sealed with AES-256-GCM: there is no store. */
export function sealedSessions(options: SealedSessionOptions): Sessions {
  checkOptions('sealedSessions', options, { ...sessionChecks, cache: either(oneOf(false), record) })
  const { cache = {}, ...rest } = options
  checkOptions('sealedSessions.cache', cache || {}, { entries: count })
  const settings = sessionSettings('sealedSessions', rest)
  const box = boxes(settings.secrets)
  return {
    kind: 'sealed',
    settings,
    box,
    // By its name, so that no cookie of one application opens as that of another.
    open: (cookie, report) =>
      openVault({ box: box(`session ${cookie.name}`), cache }, cookie, report),
  }
}

function boxes(secrets: readonly string[]): (purpose: string) => SealBox {
  const known = new Map<string, SealBox>()
  return (purpose) => {
    const box = known.get(purpose) ?? createSealBox(secrets, purpose)
    known.set(purpose, box)
    return box
  }
}

interface Sealing {
  readonly box: SealBox
  readonly cache: NonNullable<SealedSessionOptions['cache']>
}

function openVault({ box, cache }: Sealing, cookie: CookieSettings, report: VaultReport): Vault {
  const decipher: Opener = (text) => {
    const plain = box.open(text)
    return plain && unpackSession(plain)
  }
  const open = cache === false ? decipher : openedOnce(decipher, cache.entries ?? 1000)
  const { name } = cookie
  const note = watchSize(report)
  const write = (session: Session, seconds: number, held: number): readonly HeaderField[] => {
    const attributes = attributesFor(cookie, seconds)
    const written = writeChunks(name, box.seal(packSession(session)), attributes)
    note(sentBytes(written))
    return [...written, ...expireRest(name, attributes, written.length, held)]
  }
  return {
    read: (cookies) => {
      const chunks = findChunks(cookies, name)
      const text = joinChunks(chunks)
      const session = text === undefined ? undefined : open(text)
      return session && { session, mark: chunks.length }
    },
    create: (session, seconds, cookies) =>
      write(session, seconds, findChunks(cookies, name).length),
    update: (held, session, seconds) => {
      const headers = write(session, seconds, held.mark)
      // The browser has all of them until it is told: who writes twice must expire the same again.
      return { held: { session, mark: headers.length }, headers }
    },
    again: (held) => held,
    destroy: () => undefined,
    forget: (cookies) => expireChunks(name, attributesFor(cookie), findChunks(cookies, name)),
  }
}

const attributesFor = (
  { path, domain, secure, sameSite, persistent }: CookieSettings,
  seconds = 0,
): CookieAttributes => ({
  path,
  domain,
  secure,
  sameSite,
  maxAge: persistent ? Math.ceil(seconds) : undefined,
})

// Browsers keep 4 KiB of a cookie; nginx by default reads 8 KiB of a field, Node 16 KiB of all fields.
const limits = [4096, 8192, 16_384]

/** Tells of every limit once, when a session has grown past it. */
function watchSize({ large }: VaultReport): (bytes: number) => void {
  let told = 0
  return (bytes) => {
    const passed = limits.filter((limit) => bytes > limit).length
    if (passed <= told) return
    told = passed
    large(bytes)
  }
}
