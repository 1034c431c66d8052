import { refuse, type Refusal, type Trail } from '../../errors/refusal.ts'
import { cut } from '../../http/challenge.ts'
import type { Issuer } from '../../issuer/create.ts'
import type { PublicKey } from '../../issuer/key-set.ts'
import { andThen, type MaybePromise } from '../../lib/maybe-promise.ts'
import type { Header } from './header.ts'
import type { Trust } from './policy.ts'
import { bindSignatureCheck, fits, type Algorithm, type SignatureCheck } from './signature.ts'

/** A key of an issuer, bound to the algorithm that a header names. */
export interface Binding {
  readonly issuer: Issuer
  readonly key: PublicKey
  readonly check: SignatureCheck
  /** The key set that it was chosen from: in another one another key may fit, or none. */
  readonly published: readonly PublicKey[]
}

/** Finds the key for a header, now where it is known. Throws or rejects with a refusal or an outage. */
export type KeyFinder = (header: Header, trust: Trusting) => MaybePromise<Binding>

/** Whose keys are asked. */
export type Trusting = Pick<Trust<unknown>, 'issuer'>

/** Makes a finder, which imports each published key once an algorithm, whoever asks for it. */
export function createKeyFinder(): KeyFinder {
  const imported = new WeakMap<PublicKey, Map<Algorithm, SignatureCheck>>()

  const bind = (key: PublicKey, header: Header, trust: Trusting): SignatureCheck => {
    const checks = imported.get(key) ?? new Map<Algorithm, SignatureCheck>()
    const check = checks.get(header.alg) ?? importKey(key, header, trust)
    imported.set(key, checks.set(header.alg, check))
    return check
  }

  return (header, trust) => {
    const { issuer } = trust
    const { keys } = issuer
    const known = header.binding
    if (known?.issuer === issuer && keys.ready() && known.published === keys.current) return known
    const found = keys.choose((published) => chooseKey(header, trust, published))
    return andThen(found, (key) => {
      if (key === undefined) throw unknownKey('No key of the issuer fits the token.', header, trust)
      return { issuer, key, check: bind(key, header, trust), published: keys.current }
    })
  }
}

function importKey(key: PublicKey, header: Header, trust: Trusting): SignatureCheck {
  try {
    return bindSignatureCheck(key, header.alg)
  } catch (cause) {
    throw unknownKey(
      'The key that the issuer published for the token is broken.',
      header,
      trust,
      cause,
    )
  }
}

const unknownKey = (reason: string, header: Header, trust: Trusting, cause?: unknown): Refusal =>
  refuse('token_key_unknown', reason, { trail: trailOf('key', header, trust), cause })

function chooseKey(
  header: Header,
  trust: Trusting,
  published: readonly PublicKey[],
): PublicKey | undefined {
  const fitting = published.filter(
    (key) => (header.kid === undefined || key.kid === header.kid) && fits(key, header.alg),
  )
  if (fitting.length < 2) return fitting[0]
  throw refuse(
    'token_key_ambiguous',
    `${fitting.length} keys of the issuer fit the token, and its header does not tell which.`,
    { trail: trailOf('key', header, trust) },
  )
}

/** What a log needs to see about a refused token whose issuer is known. */
export function trailOf(
  check: string,
  { alg, kid }: Header,
  { issuer }: Trusting,
  more?: Trail,
): Trail {
  const age = issuer.keys.age()
  const trail: { -readonly [Member in keyof Trail]: Trail[Member] } = {
    check,
    issuer: issuer.url,
    alg,
  }
  if (kid !== undefined) trail.kid = cut(kid)
  if (age !== undefined) trail.keyAge = Math.round(age)
  return more === undefined ? trail : Object.assign(trail, more)
}
