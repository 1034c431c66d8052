import type { importJWK, JWK } from 'jose'
import { ConfigurationError } from '../../errors/configuration.ts'
import { refuse, type Refusal } from '../../errors/refusal.ts'
import { canonicalSize } from '../../lib/base64url.ts'
import { describe } from '../../lib/describe.ts'
import { isRecord, ownValue } from '../../lib/own.ts'
import {
  contentEncryption,
  keyManagement,
  readDecryptionKeys,
  type DecryptionKey,
} from './decryption-keys.ts'
import { headerRefused, parseHeader } from './header.ts'
import { malformed } from './parse.ts'

/** Opens a JWE (RFC 7516) and returns the signed token inside. */
export type Decryption = (token: string) => Promise<string>

// RFC 7516 §7.1. One token has one spelling, or each would be remembered on its own.
const spelling = /^[\w-]+\.[\w-]*\.[\w-]+\.[\w-]*\.[\w-]+$/

const isCanonical = (token: string): boolean =>
  spelling.test(token) && token.split('.').every((part) => canonicalSize(part) !== undefined)

/** Makes what opens encrypted tokens. A key that cannot is a `ConfigurationError`. */
export function createDecryption(given: readonly JWK[]): Decryption {
  const keys = readDecryptionKeys(given)
  const imported = new Map<DecryptionKey, Imported>()
  return async (token) => {
    if (!isCanonical(token)) throw malformed('its parts are not canonical base64url')
    const found = choose(readHeader(token.slice(0, token.indexOf('.'))), keys)
    // Loaded when the first encrypted token arrives: most applications never meet one.
    const jose = await import('jose')
    const key = imported.get(found) ?? importKey(found, jose.importJWK)
    imported.set(found, key)
    const usable = await key
    try {
      const { plaintext } = await jose.compactDecrypt(token, usable, {
        keyManagementAlgorithms: [...keyManagement],
        contentEncryptionAlgorithms: Object.keys(contentEncryption),
      })
      return Buffer.from(plaintext).toString('latin1')
    } catch (error) {
      throw failed(describe(error), error)
    }
  }
}

type Imported = ReturnType<typeof importJWK>

// What could be seen of a key has been looked at; that a point is not on its curve shows only here.
const importKey = ({ jwk, management, name }: DecryptionKey, by: typeof importJWK): Imported =>
  by(jwk, management).catch(() => {
    throw new ConfigurationError(`${name} is broken: its members do not belong together`)
  })

/** What the header of an encrypted token demands of a key. */
interface Demand {
  readonly alg: string
  readonly enc: string
  readonly kid: string | undefined
  /** The curve of the sender's key, for `ECDH-ES`. */
  readonly curve: unknown
}

function readHeader(part: string): Demand {
  const { members, kid } = parseHeader(part)
  const [alg, enc, zip, epk] = ['alg', 'enc', 'zip', 'epk'].map((name) => ownValue(members, name))
  // What was compressed before it was encrypted can be guessed from its length, and can be a bomb.
  if (zip !== undefined) throw headerRefused('The token is compressed, which is not supported.')
  if (typeof alg !== 'string' || !keyManagement.includes(alg)) {
    throw failed('its key management algorithm is not accepted')
  }
  if (typeof enc !== 'string' || !Object.hasOwn(contentEncryption, enc)) {
    throw failed('its content encryption algorithm is not accepted')
  }
  return { alg, enc, kid, curve: isRecord(epk) ? ownValue(epk, 'crv') : undefined }
}

function choose(demand: Demand, keys: readonly DecryptionKey[]): DecryptionKey {
  const fitting = keys.filter((key) => fits(key, demand))
  const { kid } = demand
  const named = kid === undefined ? fitting : fitting.filter((key) => key.kid === kid)
  // A key without a name may be any; beside one that is named it is not meant.
  const meant = named.length > 0 ? named : fitting.filter((key) => key.kid === undefined)
  const [found] = meant
  if (found !== undefined && meant.length === 1) return found
  throw failed(`${meant.length} of the decryption keys fit it`)
}

function fits(key: DecryptionKey, { alg, enc, curve }: Demand): boolean {
  if (key.management !== alg) return false
  if (key.alg !== undefined && key.alg !== alg && key.alg !== enc) return false
  if (key.size !== undefined) return key.size === contentEncryption[enc]
  return key.crv === undefined || key.crv === curve
}

const failed = (why: string, cause?: unknown): Refusal =>
  refuse('token_decryption_failed', `The token cannot be decrypted: ${why}.`, {
    trail: { check: 'decryption' },
    cause,
  })
