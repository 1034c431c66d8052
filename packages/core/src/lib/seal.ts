import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hash,
  hkdfSync,
  randomBytes,
} from 'node:crypto'
import { lentFromBase64url } from './base64url.ts'

/** A fingerprint that stands for a text without keeping it: 256 bits, so that nobody finds a second text for it. */
export const fingerprint = (text: string): string => hash('sha256', text, 'binary')

/** The same in letters that can stand in a name. */
export const digest = (text: string): string => hash('sha256', text, 'base64url')

/** A text nobody can guess, in the alphabet of base64url. */
export const randomText = (bytes: number): string => randomBytes(bytes).toString('base64url')

/** Seals what a browser or a store keeps for us: nobody else can read it, or change it unnoticed. */
export interface SealBox {
  /** As base64url. */
  seal(plain: Uint8Array): string
  /** What was sealed with one of the secrets, or `undefined` for everything else. */
  open(sealed: string): Buffer | undefined
}

const cipher = 'aes-256-gcm'
const version = 1
const ivBytes = 12
const tagBytes = 16
const headBytes = 1 + ivBytes

/**
 * Makes a box from secrets, the first of which seals while all of them open. Keys are derived once,
 * another for each purpose, so that what was sealed for one thing never opens as another.
 */
export function createSealBox(secrets: readonly string[], purpose: string): SealBox {
  const keys = secrets.map((secret) => deriveKey(secret, purpose))
  const [sealing] = keys
  if (sealing === undefined) throw new TypeError('a box needs a secret')
  return {
    seal: (plain) => {
      const sealed = Buffer.allocUnsafe(headBytes + plain.byteLength + tagBytes)
      sealed[0] = version
      const iv = randomBytes(ivBytes)
      iv.copy(sealed, 1)
      const gcm = createCipheriv(cipher, sealing, iv)
      gcm.update(plain).copy(sealed, headBytes)
      gcm.final()
      gcm.getAuthTag().copy(sealed, headBytes + plain.byteLength)
      return sealed.toString('base64url')
    },
    open: (text) => {
      const sealed = lentFromBase64url(text)
      if (sealed === undefined || sealed.length < headBytes + tagBytes) return undefined
      if (sealed[0] !== version) return undefined
      for (const key of keys) {
        const plain = tryKey(key, sealed)
        if (plain !== undefined) return plain
      }
      return undefined
    },
  }
}

type Key = ReturnType<typeof createSecretKey>

// RFC 5869; the secrets are random or long by their check, so no slow derivation is called for.
const deriveKey = (secret: string, purpose: string): Key =>
  createSecretKey(new Uint8Array(hkdfSync('sha256', secret, 'portcullis', purpose, 32)))

function tryKey(key: Key, sealed: Uint8Array): Buffer | undefined {
  const end = sealed.length - tagBytes
  const gcm = createDecipheriv(cipher, key, sealed.subarray(1, headBytes))
  gcm.setAuthTag(sealed.subarray(end))
  const plain = gcm.update(sealed.subarray(headBytes, end))
  try {
    gcm.final()
    return plain
  } catch {
    return undefined
  }
}
