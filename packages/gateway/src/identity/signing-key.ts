import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto'
import { ConfigurationError } from '@portcullis/core'

/** Algorithms of the internal token. */
export type IdentityAlgorithm = 'ES256' | 'EdDSA'

/** A private key, ready for use. */
export interface SigningKey {
  /** The thumbprint of the key (RFC 7638). */
  readonly kid: string
  readonly algorithm: IdentityAlgorithm
  readonly key: KeyObject
}

/** Makes a key pair. */
export function generateKey(algorithm: IdentityAlgorithm): SigningKey {
  const { privateKey } =
    algorithm === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('ed25519')
  return named(privateKey, algorithm)
}

/** Reads a private key; `name` says whose it is, because no error may show any of it. */
export function readKey(
  source: string | JsonWebKey,
  algorithm: IdentityAlgorithm,
  name: string,
): SigningKey {
  const key = parse(source)
  if (key === undefined) {
    throw new ConfigurationError(
      `${name} must be a private key in PKCS #8 PEM without a passphrase: BEGIN PRIVATE KEY`,
    )
  }
  if (!fits(key, algorithm)) {
    throw new ConfigurationError(
      `${name} must be ${algorithm === 'ES256' ? 'an EC key of the curve P-256' : 'an Ed25519 key'} for ${algorithm}`,
    )
  }
  return named(key, algorithm)
}

/** The public half as it is published (RFC 7517). */
export function publicJwk({ kid, algorithm, key }: SigningKey): Readonly<Record<string, unknown>> {
  return { ...createPublicKey(key).export({ format: 'jwk' }), kid, alg: algorithm, use: 'sig' }
}

/** Signs as RFC 7518 §3.4 and RFC 8037 §3.1 have it. */
export const signWith = ({ algorithm, key }: SigningKey, input: string): string => {
  const bytes = Buffer.from(input, 'latin1')
  const signature =
    algorithm === 'ES256'
      ? sign('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' })
      : sign(null, bytes, key)
  return signature.toString('base64url')
}

function parse(source: string | JsonWebKey): KeyObject | undefined {
  try {
    if (typeof source !== 'string') return createPrivateKey({ key: source, format: 'jwk' })
    if (!source.includes('-----BEGIN PRIVATE KEY-----')) return undefined
    return createPrivateKey({ key: source, format: 'pem' })
  } catch {
    // What OpenSSL says is no help, and the cause must hold nothing of the key.
    return undefined
  }
}

const fits = ({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject, algorithm: string): boolean =>
  algorithm === 'ES256'
    ? asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1'
    : asymmetricKeyType === 'ed25519'

const named = (key: KeyObject, algorithm: IdentityAlgorithm): SigningKey => ({
  kid: thumbprint(key),
  algorithm,
  key,
})

// RFC 7638 §3.2: the required members only, in this order.
function thumbprint(key: KeyObject): string {
  const { crv, kty, x, y } = createPublicKey(key).export({ format: 'jwk' })
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url')
}
