import { refuse, type Refusal } from '../../errors/refusal.ts'
import { readAccessToken, type AccessToken, type Lists } from '../../guard/token.ts'
import { cut, shown } from '../../http/challenge.ts'
import { canonicalSize, lentFromBase64url } from '../../lib/base64url.ts'
import { deepFreeze } from '../../lib/freeze.ts'
import { andThen, isPromise, type MaybePromise } from '../../lib/maybe-promise.ts'
import { createMemory } from '../../lib/memory.ts'
import { own } from '../../lib/own.ts'
import { remembering, single, words } from '../../lib/lists.ts'
import { copied } from '../../lib/text.ts'
import type { Schema, SchemaIssue } from '../../lib/standard-schema.ts'
import type { Proof } from './cache.ts'
import type { Decryption } from './encrypted.ts'
import { checkClaims, type Presented, type Validity } from './claims.ts'
import { checkAlgorithm, readHeader, type Header } from './header.ts'
import { createKeyFinder, trailOf, type Binding, type Trusting } from './key.ts'
import { checkType, orgServerToken, orgServerType } from './kind.ts'
import { malformed, readPayload, split, type Parts } from './parse.ts'
import type { Trust } from './policy.ts'
import type { TrustedIssuers } from './trusted-issuers.ts'

/** Examines a signed token, at a time in epoch seconds. */
export type Examination<C> = (token: string, now: number) => MaybePromise<Proof<C>>

// Issuers write one or two headers at a time. Only those of genuine tokens are remembered.
const maxHeaders = 100

/** What a token says, on its way through the checks. */
interface Case<C> extends Presented<C> {
  readonly parts: Parts
  /** Epoch seconds. */
  readonly now: number
}

/** Makes the examination, of tokens whose claims are shared between requests or not: shape, header, issuer and times before any key, and the signature last. */
export function createExamination<C>(
  trusted: TrustedIssuers<C>,
  schema: Schema<C> | undefined,
  decrypt: Decryption | undefined,
  isShared: boolean,
): Examination<C> {
  const headers = createMemory<Header>(maxHeaders)
  const findKey = createKeyFinder()
  const reading: Reading<C> = {
    schema,
    lists: { words: remembering(words), single: remembering(single) },
    settle: isShared ? deepFreeze : (value) => value,
  }

  const remember = ({ parts, header }: Case<C>, binding: Binding): void => {
    headers.set(copied(parts.header), header)
    header.binding = binding
  }

  const conclude = (
    given: Case<C>,
    validity: Validity,
    binding: Binding,
    good: boolean,
  ): MaybePromise<Proof<C>> => {
    if (!good) throw badSignature(given)
    if (given.header.binding !== binding) remember(given, binding)
    const access = readAccess(given, validity, reading)
    return isPromise(access)
      ? access.then((read) => asProof(read, given, validity, binding))
      : asProof(access, given, validity, binding)
  }

  const checkSignature = (
    given: Case<C>,
    validity: Validity,
    binding: Binding,
  ): MaybePromise<Proof<C>> => {
    const { parts } = given
    const signature = lentFromBase64url(parts.signature)
    if (signature === undefined) throw badEncoding()
    const good = binding.check(parts.input, signature)
    return isPromise(good)
      ? good.then((answer) => conclude(given, validity, binding, answer))
      : conclude(given, validity, binding, good)
  }

  const prove = (given: Case<C>): MaybePromise<Proof<C>> => {
    const { header, parts, trust } = given
    checkAlgorithm(header, trust.algorithms, trust)
    checkType(header, trust)
    const validity = checkClaims(given, given.now)
    if (canonicalSize(parts.signature) === undefined) throw badEncoding()
    const binding = findKey(header, trust)
    return isPromise(binding)
      ? binding.then((found) => checkSignature(given, validity, found))
      : checkSignature(given, validity, binding)
  }

  const examine = (parts: Parts, now: number): MaybePromise<Proof<C>> => {
    const header = headers.get(parts.header) ?? readHeader(parts.header)
    const claims = readPayload(parts.payload)
    const issuer = own(claims, 'iss', claims['iss'])
    const trust = typeof issuer === 'string' ? trusted.find(issuer) : undefined
    if (trust === undefined) throw unknownIssuer(issuer, header)
    if (!isPromise(trust)) return prove({ parts, header, claims, trust, now })
    return trust.then((known) => {
      if (known === undefined) throw unknownIssuer(issuer, header)
      return prove({ parts, header, claims, trust: known, now })
    })
  }

  return (token, now) => {
    const parts = split(token)
    if (parts !== undefined) return examine(parts, now)
    if (decrypt === undefined)
      throw refuse('token_encrypted', undefined, { trail: { check: 'decryption' } })
    return decrypt(token).then((inner) => {
      const signed = split(inner)
      if (signed === undefined) throw malformed('what was encrypted is not a signed token')
      return examine(signed, now)
    })
  }
}

const asProof = <C>(
  access: AccessToken<C>,
  { now }: Case<C>,
  { from, until }: Validity,
  binding: Binding,
): Proof<C> => ({ access, from, until, binding, provenAt: now })

/** Makes claims ready to be seen: frozen where requests share them. */
type Settle = <T>(value: T) => T

/** How claims become what a guard sees. */
interface Reading<C> {
  readonly schema: Schema<C> | undefined
  readonly lists: Lists
  readonly settle: Settle
}

function readAccess<C>(
  { claims, trust }: Case<C>,
  { expiresAt }: Validity,
  { schema, lists, settle }: Reading<C>,
): MaybePromise<AccessToken<C>> {
  const facts = { issuer: trust.issuer.url, expiresAt }
  settle(claims)
  // Without a schema, C is what its default says it is: Claims.
  if (schema === undefined) return readAccessToken(claims, claims as C, facts, trust.rules, lists)
  return andThen(schema['~standard'].validate(claims), (result) => {
    if (result.issues !== undefined) throw schemaRefused(result.issues, trust)
    return readAccessToken(claims, settle(result.value), facts, trust.rules, lists)
  })
}

/** A token whose issuer is known. */
interface Accused {
  readonly header: Header
  readonly trust: Trusting
}

export const badEncoding = (): Refusal => malformed('its signature is not canonical base64url')

export const badSignature = ({ header, trust }: Accused): Refusal =>
  refuse('token_signature_invalid', 'The signature does not verify with the key of the issuer.', {
    trail: trailOf('signature', header, trust),
  })

const unknownIssuer = (issuer: unknown, { type }: Header): Refusal =>
  type === orgServerType
    ? orgServerToken()
    : refuse(
        'token_issuer_unknown',
        `The token comes from ${shown(issuer)}, which is not among the trusted issuers.`,
        {
          trail: {
            check: 'issuer',
            presented: typeof issuer === 'string' ? cut(issuer) : typeof issuer,
          },
        },
      )

const schemaRefused = <C>(issues: readonly SchemaIssue[], { issuer }: Trust<C>): Refusal => {
  const said = issues
    .slice(0, 3)
    .map(({ path = [], message }) => cut(`${path.map(step).join('.')}: ${message}`))
  return refuse('token_claim_invalid', `The claims do not fit the schema (${said.join('; ')}).`, {
    trail: { check: 'claims', issuer: issuer.url },
  })
}

const step = (part: PropertyKey | { readonly key: PropertyKey }): string =>
  String(typeof part === 'object' ? part.key : part)
