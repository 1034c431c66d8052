import type { CryptoKey, JWK } from 'jose'
import { ConfigurationError } from '../errors/configuration.ts'
import { anything, checkOptions, oneOf, text, type Check } from '../lib/assert.ts'
import { describe } from '../lib/describe.ts'
import { isRecord } from '../lib/own.ts'

/** A private key as it comes from a file, from a store, or from `node:crypto`. */
export type PrivateKey = JWK | CryptoKey | ExportableKey | string

/** A `KeyObject` of `node:crypto`. */
export interface ExportableKey {
  readonly type: string
  export(options: { readonly format: 'jwk' }): object
}

/** With what something is signed. */
export interface SigningKeyOptions {
  /** Private: a JWK, a `CryptoKey`, a `KeyObject`, or a PEM text (PKCS #8, `BEGIN PRIVATE KEY`). */
  readonly key: PrivateKey
  /** The name under which the issuer knows the key. Default: the one of the JWK. */
  readonly kid?: string
  /** Default: the one of the JWK or the `CryptoKey`; otherwise RS256, ES256 to ES512 or EdDSA, as fits the key. */
  readonly algorithm?: SigningAlgorithm
}

/** Algorithms that the client side signs with. */
export type SigningAlgorithm = `${'RS' | 'PS' | 'ES'}${256 | 384 | 512}` | 'EdDSA' | 'Ed25519'

/** A key that is ready for use. */
export interface SigningKey {
  readonly key: CryptoKey
  readonly kid: string | undefined
  /** Whether an Ed25519 key signs as `EdDSA`, the only name that older issuers know. */
  readonly keepsOldName: boolean
}

/** Puts the name that a key is to sign under into the header of an assertion. */
export function nameIn(header: Record<string, unknown>, { keepsOldName }: SigningKey): void {
  if (keepsOldName && header['alg'] === 'Ed25519') header['alg'] = 'EdDSA'
}

// One for each kind of key, in the order in which a PEM text is tried.
const defaults: readonly SigningAlgorithm[] = ['RS256', 'ES256', 'ES384', 'ES512', 'EdDSA']

const algorithms: readonly SigningAlgorithm[] = [
  ...defaults,
  ...(['RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'Ed25519'] as const),
]

export const signingKeyChecks: Readonly<Record<keyof SigningKeyOptions, Check>> = {
  key: anything,
  kid: text,
  algorithm: oneOf(...algorithms),
}

/** Checks a key at once, and imports it when it is first asked for. `name` is whose options they are. */
export function createSigningKey(
  name: string,
  options: SigningKeyOptions,
): () => Promise<SigningKey> {
  checkOptions(name, options, signingKeyChecks)
  const { key, kid, algorithm } = options
  const source = readKey(name, key)
  if (isCryptoKey(source) && algorithm !== undefined && !source.algorithm.name.startsWith('Ed')) {
    throw new ConfigurationError(
      `${name}.algorithm must be left out: a CryptoKey is bound to its own`,
    )
  }
  const named = kid ?? (isCryptoKey(source) || typeof source === 'string' ? undefined : source.kid)
  let imported: Promise<SigningKey> | undefined
  const load = async (): Promise<SigningKey> => {
    const ready = isCryptoKey(source) ? source : await importKey(name, source, algorithm)
    checkSize(name, ready)
    return { key: ready, kid: named, keepsOldName: algorithm !== 'Ed25519' }
  }
  return () => (imported ??= load())
}

// RFC 7518 §3.3, §3.5: nobody signs with less, and the issuer is not to blame for it.
function checkSize(name: string, { algorithm }: CryptoKey): void {
  const bits = 'modulusLength' in algorithm ? Number(algorithm.modulusLength) : leastBits
  if (bits >= leastBits) return
  throw new ConfigurationError(`${name}.key has ${bits} bits instead of ${leastBits} or more`)
}

const leastBits = 2048

type Source = JWK | CryptoKey | string

function readKey(name: string, key: unknown): Source {
  if (typeof key === 'string') {
    if (key.includes('-----BEGIN PRIVATE KEY-----')) return key
    throw new ConfigurationError(`${name}.key must be PKCS #8 where it is PEM: BEGIN PRIVATE KEY`)
  }
  if (isCryptoKey(key)) {
    if (key.type === 'private' && key.usages.includes('sign')) return key
    throw new ConfigurationError(`${name}.key must be a private CryptoKey for the usage "sign"`)
  }
  if (!isRecord(key)) throw new ConfigurationError(`${name}.key is missing, or no key`)
  // Either holds its own members only; what is not private is refused below.
  const jwk = (isExportable(key) ? key.export({ format: 'jwk' }) : key) as JWK
  if (typeof jwk.kty === 'string' && typeof jwk.d === 'string') return jwk
  throw new ConfigurationError(`${name}.key must be a private key of the kind RSA, EC or OKP`)
}

const isCryptoKey = (key: unknown): key is CryptoKey =>
  Object.prototype.toString.call(key) === '[object CryptoKey]'

const isExportable = (key: object): key is ExportableKey =>
  'export' in key && typeof key.export === 'function' && 'type' in key && key.type === 'private'

async function importKey(
  name: string,
  source: JWK | string,
  algorithm: SigningAlgorithm | undefined,
): Promise<CryptoKey> {
  const { importJWK, importPKCS8 } = await import('jose')
  const one = async (candidate: string): Promise<CryptoKey> => {
    if (typeof source === 'string') return importPKCS8(source, candidate)
    const key = await importJWK(source, candidate)
    if (isCryptoKey(key)) return key
    throw new Error('it is symmetric')
  }
  const own = algorithm ?? (typeof source === 'string' ? undefined : source.alg)
  const candidates = own === undefined ? defaults : [own]
  const errors: unknown[] = []
  for (const candidate of candidates) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- the next one is for keys that do not fit this one
      return await one(candidate)
    } catch (error) {
      errors.push(error)
    }
  }
  throw new ConfigurationError(`${name}.key cannot be imported: ${describe(errors[0])}`)
}
