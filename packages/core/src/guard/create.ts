import { ConfigurationError } from '../errors/configuration.ts'
import { refuse } from '../errors/refusal.ts'
import { issuerChecks } from '../issuer/create.ts'
import {
  anything,
  checkOptions,
  checkRecord,
  either,
  flag,
  fn,
  listOf,
  record,
  text,
  type Check,
} from '../lib/assert.ts'
import type { MaybePromise } from '../lib/maybe-promise.ts'
import type { Runtime } from '../lib/runtime.ts'
import { createJwtVerifier, jwtChecks, type JwtSettings } from '../standards/jwt/jwt.ts'
import { policyChecks, type TrustedIssuer } from '../standards/jwt/policy.ts'
import type { IssuerResolver } from '../standards/jwt/trusted-issuers.ts'
import type { Authenticator } from './authenticator.ts'
import { checkConstraint, type SenderConstraint } from './constraint.ts'
import { credentialFinder } from './credential.ts'
import { createFace } from './face.ts'
import { assembleGuard, type Guard } from './guard.ts'
import type { Observer } from './observe.ts'
import type { Principal } from './principal.ts'
import type { Rule } from './rule.ts'
import type { Claims } from '../lib/claims.ts'
import type { TokenVerifier } from './token.ts'

/**
 * What every guard can be told, whoever verifies its tokens. `C`, the type of the claims, comes from whoever
 * checks them (a schema, a verifier) and never from what merely reads them.
 */
export interface GuardSettings<C = Claims> {
  /** Rules for every request, asked before those of the route. */
  readonly rules?: readonly Rule<NoInfer<C>>[]
  /** Asked for every request with a genuine token, also for one that is remembered; a failure is an `Outage`. */
  readonly revoked?: (principal: Principal<NoInfer<C>>) => MaybePromise<boolean>
  /** Sender constraints to accept; a token that is bound otherwise is refused. */
  readonly constraints?: readonly SenderConstraint[]
  /**
   * A login: its session is one more credential, asked for where a request presents no token. Browsers
   * that are not signed in are sent to the login, others get a 401.
   */
  readonly login?: { readonly authenticator: Authenticator }
  /** Also takes the token from the field `access_token` of a form body (RFC 6750 §2.2). Default false. */
  readonly form?: boolean
  /** Lets CORS preflight requests pass, which never carry a credential. Default false. */
  readonly allowPreflight?: boolean
  /** The `realm` of the challenge. */
  readonly realm?: string
  /** Sends code and reason of a refusal to the client: for development only. Default false. */
  readonly exposeReason?: boolean
  /** Sees every decision. */
  readonly observe?: Observer<NoInfer<C>>
}

/** Tokens of one issuer. */
export interface OneIssuer<C = Claims>
  extends GuardSettings<C>, Omit<TrustedIssuer<C>, 'rules'>, JwtSettings<C>, Runtime {
  readonly issuers?: never
  readonly verifier?: never
}

/** Tokens of several issuers, each with demands of its own, or of tenants found by a resolver. */
export interface ManyIssuers<C = Claims> extends GuardSettings<C>, JwtSettings<C>, Runtime {
  /** A list, or a function that knows the tenants. */
  readonly issuers: readonly TrustedIssuer<C>[] | IssuerResolver<C>
  readonly issuer?: never
  readonly audience?: never
  readonly verifier?: never
}

/** Tokens that a verifier of your own knows. */
export interface OwnVerifier<C = Claims> extends GuardSettings<C> {
  /** Tells whether a token is genuine. */
  readonly verifier: TokenVerifier<C>
  readonly issuer?: never
  readonly issuers?: never
  readonly audience?: never
}

/** Sessions of a login, and no tokens: an `Authorization` header is not looked at. */
export interface OnlyLogin<C = Claims> extends GuardSettings<C> {
  readonly login: { readonly authenticator: Authenticator }
  readonly issuer?: never
  readonly issuers?: never
  readonly audience?: never
  readonly verifier?: never
}

/** What a guard is made of: whom it trusts (one issuer, several, a verifier of your own, a login), and how it decides. */
export type GuardOptions<C = Claims> = ForTokens<C> | OnlyLogin<C>

const settingChecks: Readonly<Record<keyof GuardSettings, Check>> = {
  rules: listOf(fn),
  revoked: fn,
  constraints: listOf(record),
  login: record,
  form: flag,
  allowPreflight: flag,
  realm: text,
  exposeReason: flag,
  observe: fn,
}

/**
 * Makes a guard. Wrong options throw a `ConfigurationError` here; nothing is fetched before the first
 * request (or `prewarm`).
 *
 * @example
 * const guard = createGuard({ issuer: 'https://id.example.com', audience: 'https://api.example.com' })
 */
export function createGuard<C = Claims>(options: GuardOptions<C>): Guard<C> {
  checkRecord('guard', options)
  const isForTokens = takesTokens(options)
  const constraints = options.constraints ?? []
  const verifier = isForTokens ? createVerifier(options) : noTokens<C>()
  if (!isForTokens) checkOptions('guard', options, settingChecks)
  constraints.forEach(checkConstraint)
  const authenticator = authenticatorOf(options)
  const schemes = ['Bearer', ...constraints.flatMap(({ scheme }) => scheme ?? [])]
  return assembleGuard({
    findCredential: isForTokens
      ? credentialFinder(
          new Set(schemes.map((scheme) => scheme.toLowerCase())),
          options.form === true,
        )
      : () => undefined,
    verifier,
    authenticator,
    constraints,
    revoked: options.revoked,
    rules: options.rules ?? [],
    optional: false,
    allowPreflight: options.allowPreflight === true,
    face: createFace(options, isForTokens, authenticator),
    observe: options.observe,
  })
}

type ForTokens<C> = OneIssuer<C> | ManyIssuers<C> | OwnVerifier<C>

const takesTokens = <C>(options: GuardOptions<C>): options is ForTokens<C> =>
  options.login === undefined ||
  ['issuer', 'issuers', 'audience', 'verifier'].some((name) => Object.hasOwn(options, name))

function authenticatorOf({ login }: Pick<GuardSettings, 'login'>): Authenticator | undefined {
  if (login === undefined || typeof login.authenticator?.authenticate === 'function') {
    return login?.authenticator
  }
  throw new ConfigurationError('guard.login must be what createLogin() made')
}

// Never asked: a guard for sessions alone finds no token in a request.
const noTokens = <C>(): TokenVerifier<C> => ({
  verify: () => {
    throw refuse('scheme_unsupported', 'This guard is for sessions only.', {
      trail: { check: 'credential' },
    })
  },
})

function createVerifier<C>(options: ForTokens<C>): TokenVerifier<C> {
  if (options.verifier !== undefined) {
    checkApart(options, 'verifier', 'it brings its own, among its own options')
    checkOptions('guard', options, { ...settingChecks, verifier: record })
    if (typeof options.verifier.verify !== 'function') {
      throw new ConfigurationError('guard.verifier must have a function verify')
    }
    return options.verifier
  }
  if (options.issuers !== undefined) {
    checkApart(options, 'issuers', 'each of them has its own')
    checkOptions('guard', options, {
      ...settingChecks,
      ...jwtChecks,
      ...runtimeChecks,
      issuers: either(listOf(record), fn),
    })
    return createJwtVerifier(
      { issuers: options.issuers, ...pick(options, settingNames) },
      (index) => `guard.issuers[${index}]`,
    )
  }
  checkOptions('guard', options, {
    ...settingChecks,
    ...policyChecks,
    ...issuerChecks,
    ...jwtChecks,
    ...runtimeChecks,
    issuer: anything,
  })
  const { login } = options
  if (options.issuer === undefined) {
    throw new ConfigurationError(
      login === undefined
        ? 'guard.issuer is missing (or issuers, verifier, login): whom should the guard trust?'
        : 'guard.issuer is missing: whose tokens should the guard take besides the sessions? That of the login is login.issuer. For sessions alone leave audience out.',
    )
  }
  return createJwtVerifier(
    { issuers: [pick(options, trustNames)], ...pick(options, settingNames) },
    () => 'guard',
  )
}

// Both are options of a guard, but never of this one.
function checkApart(options: object, chosen: string, why: string): void {
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined && (name === 'issuer' || name === 'audience')) {
      throw new ConfigurationError(`guard.${name} cannot stand beside ${chosen}: ${why}`)
    }
  }
}

const runtimeChecks = { fetch: fn, now: fn } satisfies Record<keyof Runtime, Check>

// What is checked is what is taken: an option that is missing here is refused, and none is lost.
const settingNames = keysOf({ ...jwtChecks, ...runtimeChecks })
// Those of an issuer, but for `rules`, which are the guard's here.
const trustNames = keysOf({ issuer: anything, ...policyChecks, ...issuerChecks }).filter(
  (name) => name !== 'rules',
)

function keysOf<T extends object>(checks: T): readonly (keyof T)[] {
  // The checks are written as literals and hold nothing else.
  return Object.keys(checks) as (keyof T)[]
}

function pick<T extends object, K extends keyof T>(from: T, names: readonly K[]): Pick<T, K> {
  const picked = names.flatMap((name) => (from[name] === undefined ? [] : [[name, from[name]]]))
  // These are the members of `from` under names of K, and no others.
  return Object.fromEntries(picked) as Pick<T, K>
}
