import type { JWK } from 'jose'
import type { SignedJwt, SignedReader } from '../../client/signed.ts'
import { refuse } from '../../errors/refusal.ts'
import type { Issuer } from '../../issuer/create.ts'
import { lentFromBase64url } from '../../lib/base64url.ts'
import { deepFreeze } from '../../lib/freeze.ts'
import { createDecryption } from './encrypted.ts'
import { badEncoding, badSignature } from './examine.ts'
import { checkAlgorithm, readHeader } from './header.ts'
import { createKeyFinder } from './key.ts'
import { malformed, readPayload, split, type Parts } from './parse.ts'
import { algorithms as known, type Algorithm } from './signature.ts'

/** Whose JWTs are read, and which of them. */
export interface SignedReaderOptions {
  readonly issuer: Issuer
  /** Default: every asymmetric algorithm that we know; the issuer's keys decide. */
  readonly algorithms?: readonly Algorithm[]
  /** Private or secret keys (JWK) for encrypted ones. Without any, encrypted ones are refused. */
  readonly decryptionKeys?: readonly JWK[]
}

// ID tokens with many groups are long; what is longer than this is no token.
const maxSize = 131_072

/** Makes a reader of whatever an issuer signs for its clients: ID tokens, answers, logout tokens, userinfo. */
export function createSignedReader({
  issuer,
  algorithms = [],
  decryptionKeys = [],
}: SignedReaderOptions): SignedReader {
  const accepted = new Set<string>(algorithms.length === 0 ? known : algorithms)
  const decrypt = decryptionKeys.length === 0 ? undefined : createDecryption(decryptionKeys)
  const findKey = createKeyFinder()
  const trust = { issuer }

  const verify = async (parts: Parts): Promise<SignedJwt> => {
    const header = readHeader(parts.header)
    checkAlgorithm(header, accepted, trust)
    const claims = readPayload(parts.payload)
    const { check } = await findKey(header, trust)
    const signature = lentFromBase64url(parts.signature)
    if (signature === undefined) throw badEncoding()
    if (!(await check(parts.input, signature))) throw badSignature({ header, trust })
    return { type: header.type, algorithm: header.alg, claims: deepFreeze(claims) }
  }

  return async (token) => {
    if (token.length > maxSize) throw tooLarge(token.length)
    const parts = split(token)
    if (parts !== undefined) return verify(parts)
    if (decrypt === undefined)
      throw refuse('token_encrypted', undefined, { trail: { check: 'decryption' } })
    const inner = split(await decrypt(token))
    if (inner === undefined) throw malformed('what was encrypted is not a signed token')
    return verify(inner)
  }
}

const tooLarge = (size: number) =>
  refuse('token_too_large', `The token has ${size} characters; ${maxSize} are allowed.`, {
    trail: { check: 'size' },
  })
