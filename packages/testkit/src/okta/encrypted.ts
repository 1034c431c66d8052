import { CompactEncrypt, importJWK } from 'jose'
import type { TokenEncryption } from './options.ts'

/** A signed token, encrypted where somebody wants it so. */
export async function encryptedFor(
  wanted: TokenEncryption | undefined,
  token: string,
): Promise<string> {
  if (wanted === undefined) return token
  const { key, algorithm: alg = 'RSA-OAEP-256' } = wanted
  const { kid } = key
  return new CompactEncrypt(Buffer.from(token))
    .setProtectedHeader({ alg, enc: 'A256GCM', cty: 'JWT', ...(kid !== undefined && { kid }) })
    .encrypt(await importJWK(key, alg))
}
