import { Outage } from '../errors/outage.ts'
import { refuse, Refusal } from '../errors/refusal.ts'
import type { Face } from '../http/challenge.ts'
import { isPreflight } from '../http/preflight.ts'
import type { HttpRequest } from '../http/request.ts'
import { within } from '../lib/deadline.ts'
import { describe } from '../lib/describe.ts'
import { andThen, isPromise, type MaybePromise } from '../lib/maybe-promise.ts'
import type { Authenticator, SignedIn } from './authenticator.ts'
import { proveOwner, type SenderConstraint } from './constraint.ts'
import type { Credential, CredentialFinder } from './credential.ts'
import type { Observer } from './observe.ts'
import { asPrincipal, type Principal } from './principal.ts'
import { applyRules, type Rule } from './rule.ts'
import type { AccessToken, TokenVerifier } from './token.ts'
import type { Granted, Verdict } from './verdict.ts'

/** The parts of a guard, chosen by `createGuard`. */
export interface GuardParts<C> {
  readonly findCredential: CredentialFinder
  readonly verifier: TokenVerifier<C>
  /** Asked where no token is presented. */
  readonly authenticator: Authenticator | undefined
  readonly constraints: readonly SenderConstraint[]
  readonly revoked: ((principal: Principal<C>) => MaybePromise<boolean>) | undefined
  readonly rules: readonly Rule<C>[]
  readonly optional: boolean
  readonly allowPreflight: boolean
  readonly face: Face
  readonly observe: Observer<C> | undefined
}

/** The four steps, straight down the page: credential, genuine, owner, enough. */
export function createDecision<C>(
  parts: GuardParts<C>,
): (request: HttpRequest) => MaybePromise<Verdict<C>> {
  const { findCredential, verifier, authenticator, constraints, revoked, rules } = parts
  const revocation = revoked === undefined ? [] : [notRevoked(revoked)]
  const conditions = [...revocation, ...rules]

  const decide = (request: HttpRequest): MaybePromise<Verdict<C>> => {
    if (parts.allowPreflight && isPreflight(request)) return anonymous
    const credential = findCredential(request)
    return isPromise(credential)
      ? credential.then((found) => admit(request, found))
      : admit(request, credential)
  }

  const admit = (
    request: HttpRequest,
    credential: Credential | undefined,
  ): MaybePromise<Verdict<C>> => {
    if (credential === undefined) return withoutToken(request)
    const access = verifier.verify(credential.token)
    return isPromise(access)
      ? access.then((genuine) => prove(request, credential, genuine))
      : prove(request, credential, access)
  }

  const prove = (
    request: HttpRequest,
    credential: Credential,
    access: AccessToken<C>,
  ): MaybePromise<Verdict<C>> => {
    const headers = proveOwner(constraints, request, access, credential)
    const principal = asPrincipal(access, credential.token)
    const asked =
      access.rules.length === 0 ? conditions : [...revocation, ...access.rules, ...rules]
    return isPromise(headers)
      ? headers.then((fields) =>
          judge(request, { granted: true, principal, headers: fields }, asked),
        )
      : judge(request, { granted: true, principal, headers }, asked)
  }

  const withoutToken = (request: HttpRequest): MaybePromise<Verdict<C>> => {
    if (authenticator === undefined) {
      if (parts.optional) return anonymous
      throw noCredential()
    }
    return andThen(authenticator.authenticate(request), (found) =>
      found === undefined || Refusal.is(found)
        ? stranger(authenticator, request, found)
        : withSession(request, found),
    )
  }

  const withSession = (
    request: HttpRequest,
    { principal, headers, session }: SignedIn,
  ): MaybePromise<Verdict<C>> => {
    // The claims of a session are those of its ID token; a schema is for access tokens.
    const typed = principal as Principal<C>
    return judge(request, { granted: true, principal: typed, headers, session }, conditions)
  }

  // A session that has ended is no bad credential: browsers send it until they are told to forget it.
  const stranger = (
    known: Authenticator,
    request: HttpRequest,
    ended: Refusal | undefined,
  ): Verdict<C> => {
    const refusal = (ended ?? noCredential()).facing(parts.face)
    const reply = parts.optional ? known.attempt(request) : known.invite(request, refusal)
    return reply === undefined ? anonymous : { granted: false, refusal, reply }
  }

  const judge = (
    request: HttpRequest,
    verdict: Granted<C> & { readonly principal: Principal<C> },
    asked: readonly Rule<C>[],
  ): MaybePromise<Granted<C>> => {
    const refusal = applyRules(asked, verdict.principal, request)
    const grant = (refused: Refusal | undefined): Granted<C> => {
      if (refused !== undefined) throw refused
      return verdict
    }
    return isPromise(refusal) ? refusal.then(grant) : grant(refusal)
  }

  return decide
}

const noCredential = (): Refusal =>
  refuse('no_credential', undefined, { trail: { check: 'credential' } })

const anonymous: Granted<never> = Object.freeze({
  granted: true,
  principal: undefined,
  headers: Object.freeze([]),
})

// Seconds to wait for the hook.
const patience = 5

/** The hook as a rule. Where it fails, nobody knows whether the token is still good. */
const notRevoked =
  <C>(revoked: (principal: Principal<C>) => MaybePromise<boolean>): Rule<C> =>
  (principal) => {
    const fail = (error: unknown): never => {
      throw Outage.is(error)
        ? error
        : new Outage('revocation_unknown', describe(error), { cause: error })
    }
    const conclude = (answer: boolean): Refusal | undefined => {
      if (answer === false) return undefined
      if (answer === true)
        return refuse('token_revoked', undefined, {
          trail: { check: 'revoked', issuer: principal.issuer },
        })
      return fail(new TypeError('the hook answered neither true nor false'))
    }
    try {
      const answer = revoked(principal)
      return isPromise(answer) ? within(patience, answer).then(conclude, fail) : conclude(answer)
    } catch (error) {
      return fail(error)
    }
  }
