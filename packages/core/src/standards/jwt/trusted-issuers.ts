import { LRUCache } from 'lru-cache'
import { ConfigurationError } from '../../errors/configuration.ts'
import { Outage } from '../../errors/outage.ts'
import type { Claims } from '../../lib/claims.ts'
import { reportOn, type Issuer, type IssuerHealth } from '../../issuer/create.ts'
import { couldBeIssuer, insecurity } from '../../issuer/url.ts'
import { within } from '../../lib/deadline.ts'
import { describe } from '../../lib/describe.ts'
import { lasts } from '../../lib/elapsed.ts'
import { isPromise, type MaybePromise } from '../../lib/maybe-promise.ts'
import type { Runtime } from '../../lib/runtime.ts'
import { createTrust, unverifiable, type Trust, type TrustedIssuer } from './policy.ts'

/**
 * Tells whether the issuer of a token is one of the tenants, before anything is fetched. The name
 * comes from a token that nobody has checked yet. Asked again for a known tenant after five minutes;
 * that an issuer is unknown is not remembered.
 */
export type IssuerResolver<C = Claims> = (
  issuer: string,
) => MaybePromise<TrustedIssuer<C> | null | undefined>

/** The issuers that a verifier trusts, by their exact names. */
export interface TrustedIssuers<C> {
  find(issuer: string): MaybePromise<Trust<C> | undefined>
  /** Those that are known now. */
  known(): readonly Trust<C>[]
  /** How they fare. Only issuers that are configured are kept warm by it, so that its work is bounded. */
  health(): readonly IssuerHealth[]
}

export function listedIssuers<C>(
  listed: readonly TrustedIssuer<C>[],
  runtime: Runtime,
  nameOf: (index: number) => string,
): TrustedIssuers<C> {
  if (listed.length === 0) throw new ConfigurationError('issuers must name at least one issuer')
  const trusts = listed.map((options, index) => createTrust(options, runtime, nameOf(index)))
  const byName = new Map(trusts.map((trust) => [trust.issuer.url, trust]))
  if (byName.size < trusts.length) throw new ConfigurationError('issuers names an issuer twice')
  return {
    find: (issuer) => byName.get(issuer),
    known: () => trusts,
    health: () => trusts.map(({ issuer }) => issuer.health()),
  }
}

const maxAge = 300
// Seconds to wait for the resolver, so that one answer that never comes does not block a tenant for ever.
const patience = 5

interface Tenant<C> {
  readonly options: TrustedIssuer<C>
  readonly trust: Trust<C>
  readonly askedAt: number
}

export function resolvedIssuers<C>(
  resolve: IssuerResolver<C>,
  runtime: Runtime,
  maxTenants: number,
): TrustedIssuers<C> {
  const now = runtime.now ?? (() => Date.now())
  const tenants = new LRUCache<string, Tenant<C>>({ max: maxTenants })
  const flights = new Map<string, Promise<Trust<C> | undefined>>()

  const adopt = (
    issuer: string,
    options: TrustedIssuer<C> | null | undefined,
  ): Trust<C> | undefined => {
    // Object-relational mappers say `null` for what is not there.
    if (options === undefined || options === null || cannotBeTrusted(issuer, options)) {
      tenants.delete(issuer)
      return undefined
    }
    const old = tenants.peek(issuer)
    const trust =
      sameTrust(old, options) ??
      createTrust(options, runtime, 'issuers()', knownIssuer(old, options))
    if (trust.issuer.url !== issuer) {
      throw new ConfigurationError(
        `issuers() was asked for one issuer and answered with ${trust.issuer.url}`,
      )
    }
    tenants.set(issuer, { options, trust, askedAt: now() })
    return trust
  }

  const isCurrent = ({ askedAt }: Tenant<C>): boolean => lasts(now() - askedAt, maxAge * 1000)

  const ask = (issuer: string): MaybePromise<Trust<C> | undefined> => {
    const answer = askResolver(() => resolve(issuer))
    if (!isPromise(answer)) return adopt(issuer, answer)
    const flight = answer
      .then((options) => adopt(issuer, options))
      .finally(() => flights.delete(issuer))
    flights.set(issuer, flight)
    return flight
  }

  return {
    find: (issuer) => {
      if (!couldBeIssuer(issuer)) return undefined
      const tenant = tenants.get(issuer)
      if (tenant !== undefined && isCurrent(tenant)) return tenant.trust
      return flights.get(issuer) ?? ask(issuer)
    },
    known: () => [...tenants.values()].map(({ trust }) => trust),
    // Nobody fetches for a tenant that is gone: its last failure must not be told for ever.
    health: () =>
      [...tenants.values()].filter(isCurrent).map(({ trust }) => reportOnTenant(trust.issuer)),
  }
}

// One that is new is about to be fetched.
function reportOnTenant(issuer: Issuer): IssuerHealth {
  const report = reportOn(issuer)
  return { ...report, ok: report.ok || report.failures === 0 }
}

// The resolver reads the application's own store: its failure is no answer about the token.
function askResolver<T>(resolve: () => MaybePromise<T>): MaybePromise<T> {
  const fail = (error: unknown): never => {
    throw new Outage('resolver_failed', describe(error), { cause: error })
  }
  try {
    const answer = resolve()
    return isPromise(answer) ? within(patience, answer).catch(fail) : answer
  } catch (error) {
    return fail(error)
  }
}

// The name is the token's. Where the resolver did not look closely, that is no mistake of the options.
// An issuer that is there already was judged when it was made.
const cannotBeTrusted = <C>(issuer: string, options: TrustedIssuer<C>): boolean =>
  unverifiable(issuer) !== undefined ||
  (typeof options.issuer === 'string' &&
    insecurity(new URL(issuer), options.allowInsecureIssuer === true) !== undefined)

const sameTrust = <C>(
  old: Tenant<C> | undefined,
  options: TrustedIssuer<C>,
): Trust<C> | undefined => (old?.options === options ? old.trust : undefined)

/** Where only the rules have changed, the keys that are known stay known. */
function knownIssuer<C>(old: Tenant<C> | undefined, options: TrustedIssuer<C>): Issuer | undefined {
  const same =
    old !== undefined &&
    sourceMembers.every((name) => old.options[name] === options[name]) &&
    JSON.stringify(old.options.keys) === JSON.stringify(options.keys)
  return same ? old.trust.issuer : undefined
}

const sourceMembers = ['issuer', 'jwks', 'metadata', 'snapshot', 'allowInsecureIssuer'] as const
