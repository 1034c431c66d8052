import {
  constants,
  createPublicKey,
  createVerify,
  verify,
  type KeyObject,
  type SigningOptions,
} from 'node:crypto'
import type { PublicKey } from '../../issuer/key-set.ts'
import type { MaybePromise } from '../../lib/maybe-promise.ts'

/** Signature algorithms of RFC 7518 §3.1, RFC 8037 §3.1 and RFC 9864 §2; symmetric ones and `none` do not exist here. */
export type Algorithm = `${'RS' | 'PS' | 'ES'}${256 | 384 | 512}` | 'EdDSA' | 'Ed25519' | 'Ed448'

/** Checks a signature over the signing input of a token, which is ASCII. Keeps neither of them. */
export type SignatureCheck = (input: string, signature: Uint8Array) => MaybePromise<boolean>

interface Entry {
  readonly kty: PublicKey['kty']
  readonly curves?: readonly string[]
  readonly digest?: string
  readonly options?: SigningOptions
  /** Bytes of every signature, where the key does not decide: OpenSSL throws at another number. */
  readonly size?: number
}

const rsa = (digest: string): Entry => ({ kty: 'RSA', digest })

// RFC 7518 §3.5: the salt is as long as the digest.
const pss = (digest: string): Entry => ({
  kty: 'RSA',
  digest,
  options: {
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  },
})

// RFC 7518 §3.4: R and S side by side, not DER.
const ecdsa = (digest: string, curve: string, size: number): Entry => ({
  size,
  kty: 'EC',
  curves: [curve],
  digest,
  options: { dsaEncoding: 'ieee-p1363' },
})

const eddsa = (...curves: readonly string[]): Entry => ({ kty: 'OKP', curves })

const table: Readonly<Record<Algorithm, Entry>> = {
  RS256: rsa('sha256'),
  RS384: rsa('sha384'),
  RS512: rsa('sha512'),
  PS256: pss('sha256'),
  PS384: pss('sha384'),
  PS512: pss('sha512'),
  ES256: ecdsa('sha256', 'P-256', 64),
  ES384: ecdsa('sha384', 'P-384', 96),
  ES512: ecdsa('sha512', 'P-521', 132),
  EdDSA: eddsa('Ed25519', 'Ed448'),
  Ed25519: eddsa('Ed25519'),
  Ed448: eddsa('Ed448'),
}

export const algorithms: readonly string[] = Object.keys(table)

export const isAlgorithm = (name: unknown): name is Algorithm =>
  typeof name === 'string' && Object.hasOwn(table, name)

/** Whether a key may check signatures of an algorithm: type, curve, and what the issuer bound it to. */
export function fits(key: PublicKey, algorithm: Algorithm): boolean {
  const { kty, curves } = table[algorithm]
  if (key.kty !== kty || (curves !== undefined && !curves.includes(key.crv ?? ''))) return false
  return (
    key.alg === undefined ||
    key.alg === algorithm ||
    (kty === 'OKP' && sameEdwards(key.alg, algorithm))
  )
}

// RFC 9864 §2.2: `EdDSA` and the name of the curve say the same of a key whose curve is known.
const sameEdwards = (bound: string, used: Algorithm): boolean =>
  isAlgorithm(bound) && table[bound].kty === 'OKP' && (bound === 'EdDSA' || used === 'EdDSA')

/** Binds key and algorithm once, so that no token can choose how it is checked. */
export function bindSignatureCheck(key: PublicKey, algorithm: Algorithm): SignatureCheck {
  const { digest, options, size } = table[algorithm]
  const keyObject = createPublicKey({ key: key.jwk, format: 'jwk' })
  // A bare KeyObject spares the look at options that are not there.
  const bound = options === undefined ? keyObject : { ...options, key: keyObject }
  if (isSlow(key)) return offLoop(digest, bound)
  if (digest === undefined) {
    return (input, signature) => verify(null, Buffer.from(input, 'latin1'), bound, signature)
  }
  // Over a string this is a little faster than `verify` over a buffer made of it.
  return (input, signature) =>
    (size === undefined || signature.length === size) &&
    createVerify(digest).update(input, 'latin1').verify(bound, signature)
}

// 0.2 to 1 ms each: on the event loop that would be a way to deny service.
const isSlow = ({ crv, bits = 0 }: PublicKey): boolean =>
  crv === 'P-384' || crv === 'P-521' || crv === 'Ed448' || bits > 4096

type Bound = KeyObject | (SigningOptions & { readonly key: KeyObject })

const offLoop =
  (digest: string | undefined, bound: Bound): SignatureCheck =>
  (input, signature) =>
    new Promise((resolve, reject) => {
      verify(digest, Buffer.from(input, 'latin1'), bound, Buffer.from(signature), (error, good) =>
        error ? reject(error) : resolve(good),
      )
    })
