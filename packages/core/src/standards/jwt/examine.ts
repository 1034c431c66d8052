import { refuse, type Refusal } from '../../errors/refusal.ts'
import { readAccessToken, type AccessToken } from '../../guard/token.ts'
import { cut, shown } from '../../http/challenge.ts'
import { deepFreeze } from '../../lib/freeze.ts'
import { andThen, isPromise, type MaybePromise } from '../../lib/maybe-promise.ts'
import { ownValue } from '../../lib/own.ts'
import type { Schema, SchemaIssue } from '../../lib/standard-schema.ts'
import type { Proof } from './cache.ts'
import { checkClaims, type Presented, type Validity } from './claims.ts'
import { algorithmRefused, readHeader, type Header } from './header.ts'
import { findKey, trailOf, type BoundKey } from './key.ts'
import { checkKind, checkType } from './kind.ts'
import { decode, readPayload, split, type Parts } from './parse.ts'
import type { Trust } from './policy.ts'
import type { TrustedIssuers } from './trusted-issuers.ts'

/** Examines a signed token, at a time in epoch seconds. */
export type Examination<C> = (token: string, now: number) => MaybePromise<Proof<C>>

// Issuers write one or two headers at a time. Only those of genuine tokens are remembered.
const maxHeaders = 100

/** What is known of a token on its way through the checks. */
interface Case<C> extends Presented<C> {
  readonly token: string
  readonly parts: Parts
}

/** Makes the examination: shape, header, issuer and times before any key, and the signature last. */
export function createExamination<C>(
  trusted: TrustedIssuers<C>,
  schema: Schema<C> | undefined,
): Examination<C> {
  const headers = new Map<string, Header>()

  const remember = ({ parts, header, trust }: Case<C>, bound: BoundKey): void => {
    if (headers.size >= maxHeaders) headers.clear()
    headers.set(parts.header, header)
    trust.bindings.set(header, bound)
  }

  const conclude = (
    given: Case<C>,
    validity: Validity,
    bound: BoundKey,
    good: boolean,
  ): MaybePromise<Proof<C>> => {
    if (!good) throw badSignature(given)
    if (
      headers.get(given.parts.header) !== given.header ||
      given.trust.bindings.get(given.header) !== bound
    )
      remember(given, bound)
    const proof = (access: AccessToken<C>): Proof<C> => ({ access, validity, key: bound.key })
    return andThen(readAccess(given, validity, schema), proof)
  }

  const checkSignature = (
    given: Case<C>,
    validity: Validity,
    bound: BoundKey,
  ): MaybePromise<Proof<C>> => {
    const signature = decode(given.parts.signature, 'signature')
    const good = bound.check(given.token, given.parts.signed, signature)
    return isPromise(good)
      ? good.then((answer) => conclude(given, validity, bound, answer))
      : conclude(given, validity, bound, good)
  }

  const prove = (given: Case<C>, now: number): MaybePromise<Proof<C>> => {
    const { header, claims, trust } = given
    if (!trust.algorithms.has(header.alg)) throw algorithmRefused(header.alg)
    const wrongType = checkType(header.type, trust.types)
    if (wrongType !== undefined) throw wrongType
    const validity = checkClaims(given, now)
    const wrongKind = checkKind(claims)
    if (wrongKind !== undefined) throw wrongKind
    const bound = findKey(header, trust)
    return isPromise(bound)
      ? bound.then((found) => checkSignature(given, validity, found))
      : checkSignature(given, validity, bound)
  }

  return (token, now) => {
    const parts = split(token)
    const header = headers.get(parts.header) ?? readHeader(parts.header)
    const claims = readPayload(parts.payload)
    const issuer = ownValue(claims, 'iss')
    const trust = typeof issuer === 'string' ? trusted.find(issuer) : undefined
    return andThen(trust, (known) => {
      if (known === undefined) throw unknownIssuer(issuer)
      return prove({ token, parts, header, claims, trust: known }, now)
    })
  }
}

function readAccess<C>(
  { claims, trust }: Case<C>,
  { expiresAt }: Validity,
  schema: Schema<C> | undefined,
): MaybePromise<AccessToken<C>> {
  const facts = { issuer: trust.issuer.url, expiresAt }
  deepFreeze(claims)
  // Without a schema, C is what its default says it is: Claims.
  if (schema === undefined) return readAccessToken(claims, claims as C, facts, trust.rules)
  return andThen(schema['~standard'].validate(claims), (result) => {
    if (result.issues !== undefined) throw schemaRefused(result.issues, trust)
    return readAccessToken(claims, deepFreeze(result.value), facts, trust.rules)
  })
}

const badSignature = <C>({ header, trust }: Case<C>): Refusal =>
  refuse('token_signature_invalid', 'The signature does not verify with the key of the issuer.', {
    trail: trailOf('signature', header, trust),
  })

const unknownIssuer = (issuer: unknown): Refusal =>
  refuse(
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
    .map(({ path = [], message }) => `${path.map(step).join('.')}: ${message}`)
  return refuse('token_claim_invalid', `The claims do not fit the schema (${said.join('; ')}).`, {
    trail: { check: 'claims', issuer: issuer.url },
  })
}

const step = (part: PropertyKey | { readonly key: PropertyKey }): string =>
  String(typeof part === 'object' ? part.key : part)
