import type { JWK } from 'jose'
import { ConfigurationError } from '../../errors/configuration.ts'
import { checkOptions, oneOf, record } from '../../lib/assert.ts'
import { describe } from '../../lib/describe.ts'

/** With what request objects are encrypted (RFC 9101 §6.1). */
export interface RequestEncryption {
  /** The issuer's public key, or a secret one that both hold (`dir`). */
  readonly key: JWK
  /** Default: `RSA-OAEP-256`, `ECDH-ES` or `dir`, as fits the key. */
  readonly algorithm?: 'RSA-OAEP-256' | 'ECDH-ES' | 'dir'
  /** Default `A256GCM`. */
  readonly encryption?: 'A128GCM' | 'A256GCM' | 'A128CBC-HS256' | 'A256CBC-HS512'
}

const byKind: Readonly<Record<string, string>> = {
  RSA: 'RSA-OAEP-256',
  EC: 'ECDH-ES',
  OKP: 'ECDH-ES',
  oct: 'dir',
}

/** Makes what encrypts a signed request object: a nested JWT (RFC 7519 §5.2). */
export function createRequestEncryption(
  options: RequestEncryption,
): (signed: string) => Promise<string> {
  checkOptions('jar.encrypt', options, {
    key: record,
    algorithm: oneOf('RSA-OAEP-256', 'ECDH-ES', 'dir'),
    encryption: oneOf('A128GCM', 'A256GCM', 'A128CBC-HS256', 'A256CBC-HS512'),
  })
  const { key, encryption: enc = 'A256GCM' } = options
  const alg = options.algorithm ?? byKind[String(key?.kty)]
  if (alg === undefined) throw new ConfigurationError('jar.encrypt.key must be a key as JWK')
  const { kid } = key
  return async (signed) => {
    const { CompactEncrypt, importJWK } = await import('jose')
    try {
      return await new CompactEncrypt(new TextEncoder().encode(signed))
        .setProtectedHeader({ alg, enc, cty: 'JWT', ...(kid !== undefined && { kid }) })
        .encrypt(await importJWK(key, alg))
    } catch (error) {
      throw new ConfigurationError(`jar.encrypt.key cannot be used: ${describe(error)}`)
    }
  }
}
