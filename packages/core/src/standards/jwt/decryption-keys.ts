import type { JWK } from 'jose'
import { ConfigurationError } from '../../errors/configuration.ts'
import { shown } from '../../http/challenge.ts'
import { isBase64url } from '../../lib/base64url.ts'
import { isRecord } from '../../lib/own.ts'
import { isOptionalText } from '../../lib/text.ts'

/** A key that opens encrypted tokens. */
export interface DecryptionKey {
  /** What to call it in an error. */
  readonly name: string
  readonly kid: string | undefined
  /** The algorithm of key management that goes with its type. */
  readonly management: string
  /** What it is bound to, where it is: an algorithm of key management, or of content encryption. */
  readonly alg: string | undefined
  readonly crv: string | undefined
  /** Bytes of a secret key. */
  readonly size: number | undefined
  /** Its type and its material, and nothing else that it says. */
  readonly jwk: JWK
}

/** What encrypts the content (RFC 7518 §5.1), with the bytes of its key. */
export const contentEncryption: Readonly<Record<string, number>> = {
  A128GCM: 16,
  A256GCM: 32,
  'A128CBC-HS256': 32,
  'A256CBC-HS512': 64,
}

type Material = Readonly<Record<string, string>>

interface Kind {
  readonly management: string
  /** Values of `key_ops` of which one is needed, where it is there at all (RFC 7517 §4.3). */
  readonly operations: readonly string[]
  readonly members: readonly string[]
  /** What is wrong with a key that has all its members. */
  readonly flaw: (material: Material, alg: string | undefined) => string | undefined
}

const agreement = { management: 'ECDH-ES', operations: ['deriveBits', 'deriveKey'] }
const kinds: Readonly<Record<string, Kind>> = {
  oct: { management: 'dir', operations: ['decrypt'], members: ['k'], flaw: flawOfSecret },
  RSA: {
    management: 'RSA-OAEP-256',
    operations: ['unwrapKey', 'decrypt'],
    members: ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'],
    flaw: flawOfRsa,
  },
  EC: {
    ...agreement,
    members: ['crv', 'x', 'y', 'd'],
    flaw: flawOfCurve({ 'P-256': 32, 'P-384': 48, 'P-521': 66 }),
  },
  OKP: { ...agreement, members: ['crv', 'x', 'd'], flaw: flawOfCurve({ X25519: 32 }) },
}

/** The algorithms of key management that there are. */
export const keyManagement: readonly string[] = [
  ...new Set(Object.values(kinds).map(({ management }) => management)),
]

/**
 * Reads the keys for encrypted tokens. What is for another purpose is passed over, so that a whole key
 * set can be handed in. A key that could open no token is a `ConfigurationError`, as is a list of which
 * no key is left.
 */
export function readDecryptionKeys(given: readonly JWK[]): readonly DecryptionKey[] {
  const others: string[] = []
  const keys = given.flatMap((jwk: unknown, index) => {
    if (!isRecord(jwk))
      throw new ConfigurationError(`decryptionKeys[${index}] must be a JWK, as an object`)
    const { kid } = jwk
    const name = `decryptionKeys[${index}]${kid === undefined ? '' : ` (kid ${shown(kid)})`}`
    const other = otherPurpose(jwk)
    if (other === undefined) return [readKey(jwk, name)]
    others.push(`${name} ${other}`)
    return []
  })
  if (keys.length > 0 || others.length === 0) return keys
  throw new ConfigurationError(`decryptionKeys holds no key for decryption: ${others.join(', ')}`)
}

type Jwk = Readonly<Record<string, unknown>>

const kindOf = ({ kty }: Jwk): Kind | undefined =>
  typeof kty === 'string' && Object.hasOwn(kinds, kty) ? kinds[kty] : undefined

/** What a key says that it is for (RFC 7517 §4.2 to §4.4), where it is not what is wanted here. */
function otherPurpose(jwk: Jwk): string | undefined {
  const { use, key_ops: given, alg } = jwk
  if (use !== undefined && use !== 'enc') return 'has a use other than enc'
  const kind = kindOf(jwk)
  if (kind === undefined) return undefined
  const { management, operations } = kind
  if (Array.isArray(given) && !operations.some((name) => given.includes(name)))
    return `has key_ops without ${operations.join(' and ')}`
  const names = management === 'dir' ? ['dir', ...Object.keys(contentEncryption)] : [management]
  return typeof alg !== 'string' || names.includes(alg)
    ? undefined
    : `has an alg other than ${names.join(', ')}`
}

/** Reads a key, or says what is wrong with it without a word of its material. */
function readKey(jwk: Jwk, name: string): DecryptionKey {
  const { kty, kid, alg, key_ops: operations = [] } = jwk
  const broken = (why: string) => new ConfigurationError(`${name} ${why}`)
  if (!isOptionalText(kid)) throw broken('has a kid that is not a text')
  if (!isOptionalText(alg)) throw broken('has an alg that is not a text')
  if (!Array.isArray(operations)) throw broken('has key_ops that are not an array')
  const kind = kindOf(jwk)
  if (kind === undefined) throw broken(`has a kty other than ${Object.keys(kinds).join(', ')}`)
  const { management, members, flaw } = kind
  const missing = members.filter((member) => !isBase64url(jwk[member]))
  if (missing.length > 0)
    throw broken(`must be a private or secret key, with base64url in ${missing.join(', ')}`)
  const material: Material = Object.fromEntries(members.map((part) => [part, String(jwk[part])]))
  const wrong = flaw(material, alg)
  if (wrong !== undefined) throw broken(wrong)
  const { crv, k } = material
  const size = k === undefined ? undefined : bytesOf(k).length
  return { name, kid, management, alg, crv, size, jwk: { kty: String(kty), ...material } }
}

function flawOfSecret({ k = '' }: Material, alg: string | undefined): string | undefined {
  const bound = alg === undefined ? undefined : contentEncryption[alg]
  const sizes = bound === undefined ? [...new Set(Object.values(contentEncryption))] : [bound]
  const { length } = bytesOf(k)
  return sizes.includes(length) ? undefined : `has ${length} bytes instead of ${sizes.join(' or ')}`
}

function flawOfRsa(material: Material): string | undefined {
  const at = (name: string) => BigInt(`0x0${bytesOf(material[name]).toString('hex')}`)
  const [n, product, primes] = [at('n'), at('e') * at('d'), [at('p'), at('q')]] as const
  const bits = n.toString(2).length
  // RFC 7518 §4.3
  if (bits < 2048) return `has ${bits} bits instead of 2048 or more`
  // RFC 8017 §3.2: with these four the key works.
  const isKey =
    n === at('p') * at('q') && primes.every((prime) => prime > 2n && product % (prime - 1n) === 1n)
  return isKey ? undefined : 'is broken: its n, e, d, p and q do not belong together'
}

function flawOfCurve(curves: Readonly<Record<string, number>>): Kind['flaw'] {
  return ({ crv = '', ...numbers }) => {
    const size = Object.hasOwn(curves, crv) ? curves[crv] : undefined
    if (size === undefined) return `has a crv other than ${Object.keys(curves).join(', ')}`
    const wrong = Object.keys(numbers).filter((name) => bytesOf(numbers[name]).length !== size)
    return wrong.length === 0 ? undefined : `has not ${size} bytes in ${wrong.join(', ')}`
  }
}

const bytesOf = (text = ''): Buffer => Buffer.from(text, 'base64url')
