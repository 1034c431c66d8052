import { ConfigurationError } from '../../errors/configuration.ts'
import type { Rule } from '../../guard/rule.ts'
import type { Claims } from '../../lib/claims.ts'
import { createIssuer, issuerChecks, type Issuer, type IssuerSource } from '../../issuer/create.ts'
import { isOktaOrg, mistakenIssuer } from '../../issuer/mistaken.ts'
import {
  anything,
  checkOptions,
  either,
  filled,
  fn,
  listOf,
  oneOf,
  seconds,
  text,
  type Check,
} from '../../lib/assert.ts'
import { isRecord } from '../../lib/own.ts'
import type { Runtime } from '../../lib/runtime.ts'
import { accessTokenTypes, normalType, orgServerAdvice } from './kind.ts'
import { algorithms, type Algorithm } from './signature.ts'

/** What is demanded of the tokens of one issuer. */
export interface TokenPolicy<C = Claims> {
  /** The audience that tokens must name, or several of which one suffices. */
  readonly audience: string | readonly string[]
  /** Default: every asymmetric algorithm that we know; the issuer's keys decide. */
  readonly algorithms?: readonly Algorithm[]
  /** Seconds by which the issuer's clock may differ from ours. Default 5. */
  readonly clockTolerance?: number
  /** Seconds after `iat` from which a token is refused, whatever its `exp`. */
  readonly maxTokenAge?: number
  /** `'rfc9068'` demands the whole profile of JWT access tokens. */
  readonly profile?: 'rfc9068'
  /** Values of the header's `typ` that are accepted besides `at+jwt` and `JWT`. */
  readonly types?: readonly string[]
  /** Rules for tokens of this issuer, asked before those of the guard and the route. */
  readonly rules?: readonly Rule<NoInfer<C>>[]
}

/** An issuer that a guard trusts, and what it demands of its tokens. */
export interface TrustedIssuer<C = Claims> extends TokenPolicy<C>, IssuerSource {
  /** The identifier exactly as it stands in `iss`, or what `createIssuer` made of it. */
  readonly issuer: string | Issuer
}

/** A trusted issuer, ready for use. */
export interface Trust<C> {
  readonly issuer: Issuer
  readonly audiences: ReadonlySet<string>
  readonly algorithms: ReadonlySet<string>
  readonly types: ReadonlySet<string | undefined>
  readonly tolerance: number
  readonly maxTokenAge: number | undefined
  readonly strict: boolean
  readonly rules: readonly Rule<C>[]
}

export const policyChecks: Readonly<Record<keyof TokenPolicy, Check>> = {
  audience: either(text, listOf(text)),
  algorithms: filled(listOf(oneOf(...algorithms))),
  clockTolerance: seconds,
  maxTokenAge: seconds,
  profile: oneOf('rfc9068'),
  types: listOf(text),
  rules: listOf(fn),
}

/** Checks the options of one trusted issuer and fills in the defaults. */
export function createTrust<C>(
  options: TrustedIssuer<C>,
  runtime: Runtime,
  name: string,
  known?: Issuer,
): Trust<C> {
  checkOptions(name, options, { issuer: anything, ...policyChecks, ...issuerChecks })
  const audiences = new Set(
    typeof options.audience === 'string' ? [options.audience] : options.audience,
  )
  if (audiences.size === 0) {
    throw new ConfigurationError(
      `${name}.audience is missing: without it, tokens for any other API would pass`,
    )
  }
  const issuer = known ?? resolveIssuer(options, runtime, name)
  const reason = unverifiable(issuer.url)
  if (reason !== undefined) throw new ConfigurationError(`${name}.issuer ${issuer.url} ${reason}`)
  const strict = options.profile === 'rfc9068'
  return {
    issuer,
    audiences,
    algorithms: new Set(options.algorithms ?? algorithms),
    types: new Set([
      ...(strict ? ['at+jwt'] : accessTokenTypes),
      ...(options.types ?? []).map(normalType),
    ]),
    tolerance: options.clockTolerance ?? 5,
    maxTokenAge: options.maxTokenAge,
    strict,
    rules: [...(options.rules ?? [])],
  }
}

function resolveIssuer<C>(options: TrustedIssuer<C>, runtime: Runtime, name: string): Issuer {
  const { issuer, jwks, metadata, snapshot, allowInsecureIssuer, keys } = options
  const source: IssuerSource = {
    ...(jwks && { jwks }),
    ...(metadata && { metadata }),
    ...(snapshot && { snapshot }),
    ...(allowInsecureIssuer && { allowInsecureIssuer }),
    ...(keys && { keys }),
  }
  if (typeof issuer === 'string') return createIssuer({ issuer, ...source, ...runtime })
  if (!isIssuer(issuer)) {
    throw new ConfigurationError(
      `${name}.issuer must be a string, or what createIssuer() made of it`,
    )
  }
  const [surplus] = Object.keys(source)
  if (surplus === undefined) return issuer
  throw new ConfigurationError(
    `${name}.${surplus} belongs to createIssuer(), which made the issuer`,
  )
}

const isIssuer = (value: unknown): value is Issuer =>
  isRecord(value) &&
  typeof value['url'] === 'string' &&
  isRecord(value['keys']) &&
  typeof value['keys']['choose'] === 'function'

/** Why tokens of an issuer can never be validated here, if so: mistakes that everybody makes once. */
export const unverifiable = (issuer: string): string | undefined =>
  isOktaOrg(issuer)
    ? `is an Okta org authorization server. ${orgServerAdvice}`
    : mistakenIssuer(issuer)
