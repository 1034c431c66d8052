import type { JWK } from 'jose'
import { ConfigurationError } from '../../errors/configuration.ts'
import { refuse, type Refusal } from '../../errors/refusal.ts'
import { canonicalSize } from '../../lib/base64url.ts'
import { isRecord } from '../../lib/own.ts'
import { describe } from '../../lib/describe.ts'
import { parseObject } from '../../lib/json.ts'
import { decodeText, malformed } from './parse.ts'

/** Opens a JWE (RFC 7516) and returns the signed token inside. */
export type Decryption = (token: string) => Promise<string>

const keyManagement: Readonly<Record<string, readonly string[]>> = {
  dir: ['oct'],
  'RSA-OAEP-256': ['RSA'],
  'ECDH-ES': ['EC', 'OKP'],
}
const contentEncryption = ['A128GCM', 'A256GCM', 'A128CBC-HS256', 'A256CBC-HS512']

// RFC 7516 §7.1. One token has one spelling, or each would be remembered on its own.
const spelling = /^[\w-]+\.[\w-]*\.[\w-]+\.[\w-]*\.[\w-]+$/

const isCanonical = (token: string): boolean =>
  spelling.test(token) && token.split('.').every((part) => canonicalSize(part) !== undefined)

export function createDecryption(keys: readonly JWK[]): Decryption {
  for (const key of keys) {
    if (!isRecord(key) || !('d' in key || 'k' in key)) {
      throw new ConfigurationError('decryptionKeys must hold private or secret keys as JWK')
    }
  }
  return async (token) => {
    if (!isCanonical(token)) throw malformed('its parts are not canonical base64url')
    const { alg, key } = select(token, keys)
    // Loaded when the first encrypted token arrives: most applications never meet one.
    const { compactDecrypt, importJWK } = await import('jose')
    try {
      const { plaintext } = await compactDecrypt(token, await importJWK(key, alg), {
        keyManagementAlgorithms: Object.keys(keyManagement),
        contentEncryptionAlgorithms: contentEncryption,
      })
      return Buffer.from(plaintext).toString('latin1')
    } catch (error) {
      throw failed(describe(error), error)
    }
  }
}

function select(token: string, keys: readonly JWK[]): { readonly alg: string; readonly key: JWK } {
  const { alg, kid, zip } = readHeader(token)
  // What was compressed before it was encrypted can be guessed from its length, and can be a bomb.
  if (zip !== undefined)
    throw refuse('token_header_refused', 'The token is compressed, which is not supported.')
  if (typeof alg !== 'string' || !Object.hasOwn(keyManagement, alg)) {
    throw failed('its key management algorithm is not accepted')
  }
  const types = keyManagement[alg] ?? []
  const fitting = keys.filter(
    (key) =>
      types.includes(key.kty ?? '') &&
      (key.alg === undefined || key.alg === alg || contentEncryption.includes(key.alg)) &&
      (kid === undefined || key.kid === undefined || key.kid === kid),
  )
  const [key] = fitting
  if (key === undefined || fitting.length > 1)
    throw failed(`${fitting.length} of the decryption keys fit it`)
  return { alg, key }
}

function readHeader(token: string): Readonly<Record<'alg' | 'kid' | 'zip', unknown>> {
  const header = parseObject(decodeText(token.slice(0, token.indexOf('.')), 'header'))
  if (header === undefined) throw failed('its header is not a JSON object')
  return { alg: header['alg'], kid: header['kid'], zip: header['zip'] }
}

const failed = (why: string, cause?: unknown): Refusal =>
  refuse('token_decryption_failed', `The token cannot be decrypted: ${why}.`, {
    trail: { check: 'decryption' },
    cause,
  })
