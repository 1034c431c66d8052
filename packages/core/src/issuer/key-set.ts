import type { JWK } from 'jose'
import { isBase64url } from '../lib/base64url.ts'
import { isRecord } from '../lib/own.ts'
import { isOptionalText } from '../lib/text.ts'

/** A public key that an issuer published for signatures. The same object for as long as it stays published. */
export interface PublicKey {
  readonly kid: string | undefined
  /** The algorithm that the issuer bound the key to, where it did. */
  readonly alg: string | undefined
  readonly kty: 'RSA' | 'EC' | 'OKP'
  readonly crv: string | undefined
  /** Size of the modulus, for RSA. */
  readonly bits: number | undefined
  /** Public members only. */
  readonly jwk: JWK
  /** Set once the key has left the issuer's set: nothing that it signed is trusted from then on. */
  withdrawn: boolean
}

const maxKeys = 100

/** Reads a JWK Set (RFC 7517 §5). Keys that cannot check a signature are passed over, nonsense is an error. */
export function readKeySet(body: unknown): readonly PublicKey[] {
  const keys = isRecord(body) ? body['keys'] : undefined
  if (!Array.isArray(keys)) throw new Error('it is not a JWK Set: there is no array "keys"')
  if (keys.length > maxKeys) throw new Error(`it holds ${keys.length} keys, more than ${maxKeys}`)
  const usable = keys.flatMap((key: unknown) => readKey(key) ?? [])
  // The same key twice is one key: it makes nothing ambiguous.
  return [...new Map(usable.map((key) => [identity(key), key])).values()]
}

function readKey(key: unknown): PublicKey | undefined {
  if (!isRecord(key)) throw new Error('one of its keys is not an object')
  if (!forSignatures(key)) return undefined
  const { kid, alg } = key
  if (!isOptionalText(kid) || !isOptionalText(alg)) return undefined
  const material = readMaterial(key)
  return material && { kid, alg, ...material, withdrawn: false }
}

// A private or symmetric key in a public place is known to everybody: it proves nothing.
function forSignatures(key: Readonly<Record<string, unknown>>): boolean {
  const { use, key_ops: operations } = key
  if ('d' in key || 'k' in key) return false
  if (use !== undefined && use !== 'sig') return false
  return operations === undefined || (Array.isArray(operations) && operations.includes('verify'))
}

const curves: Readonly<Record<'EC' | 'OKP', readonly string[]>> = {
  EC: ['P-256', 'P-384', 'P-521'],
  OKP: ['Ed25519', 'Ed448'],
}

type Material = Pick<PublicKey, 'kty' | 'crv' | 'bits' | 'jwk'>

function readMaterial(key: Readonly<Record<string, unknown>>): Material | undefined {
  if (key['kty'] === 'RSA') return readRsa(key)
  const { kty, crv, x, y } = key
  if ((kty !== 'EC' && kty !== 'OKP') || typeof crv !== 'string') return undefined
  if (!curves[kty].includes(crv) || !isBase64url(x)) return undefined
  if (kty === 'OKP') return { kty, crv, bits: undefined, jwk: { kty, crv, x } }
  return isBase64url(y) ? { kty, crv, bits: undefined, jwk: { kty, crv, x, y } } : undefined
}

// Under 2,048 bits a key can be broken (RFC 7518 §3.3), far above it a check takes seconds.
function readRsa({ n, e }: Readonly<Record<string, unknown>>): Material | undefined {
  if (!isBase64url(n) || !isBase64url(e) || !isExponent(e)) return undefined
  const bits = modulusBits(n)
  if (bits < 2048 || bits > 16_384) return undefined
  return { kty: 'RSA', crv: undefined, bits, jwk: { kty: 'RSA', n, e } }
}

// With an exponent of 1 everybody can sign, an even one is no exponent, and a long one takes too long.
const isExponent = (exponent: string): boolean => {
  const bytes = Buffer.from(exponent, 'base64url')
  const last = bytes.at(-1) ?? 0
  if (bytes.length > 8) return false
  return last % 2 === 1 && (last > 1 || bytes.subarray(0, -1).some((byte) => byte !== 0))
}

const modulusBits = (modulus: string): number => {
  const bytes = Buffer.from(modulus, 'base64url')
  const first = bytes.findIndex((byte) => byte !== 0)
  return first === -1 ? 0 : (bytes.length - first) * 8 - (Math.clz32(bytes[first] ?? 0) - 24)
}

/** What makes two published keys the same key. */
export const identity = ({ kid, alg, jwk }: PublicKey): string => JSON.stringify([kid, alg, jwk])
