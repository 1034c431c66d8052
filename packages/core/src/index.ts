export { ConfigurationError } from './errors/configuration.ts'
export { Outage, type OutageOptions } from './errors/outage.ts'
export { errorReply } from './errors/reply.ts'
export { forbidden, Refusal, type RefusalOptions, type Trail } from './errors/refusal.ts'
export type { BearerError, OutageCode, RefusalCode } from './errors/table.ts'
export {
  demandPrincipal,
  keepPrincipal,
  keptPrincipal,
  withRules,
  type OptionalPrincipalOf,
  type PrincipalOf,
} from './guard/attach.ts'
export type { GenuineToken, SenderConstraint } from './guard/constraint.ts'
export {
  createGuard,
  type GuardOptions,
  type GuardSettings,
  type ManyIssuers,
  type OneIssuer,
  type OwnVerifier,
} from './guard/create.ts'
export type { Credential } from './guard/credential.ts'
export type { Guard, GuardHealth } from './guard/guard.ts'
export type { GuardEvent, Observer } from './guard/observe.ts'
export type { Principal } from './guard/principal.ts'
export type { Rule } from './guard/rule.ts'
export { hasClaim, type ClaimValue } from './guard/rules/claim.ts'
export { allOf, anyOf, not, satisfies } from './guard/rules/combine.ts'
export { hasAnyScope, hasScope } from './guard/rules/scope.ts'
export type { AccessToken, Claims, TokenFacts, TokenVerifier } from './guard/token.ts'
export type { Granted, Refused, Verdict } from './guard/verdict.ts'
export { readForm } from './http/form.ts'
export type { Handler, HeaderField, Reply } from './http/reply.ts'
export type { HttpRequest } from './http/request.ts'
export {
  createIssuer,
  type Issuer,
  type IssuerHealth,
  type IssuerOptions,
  type IssuerSource,
  type KeyOptions,
} from './issuer/create.ts'
export type { IssuerMetadata } from './issuer/discovery.ts'
export type { PublicKey } from './issuer/key-set.ts'
export type { Choice, KeySource, KeyState } from './issuer/keys.ts'
export type { IssuerSnapshot } from './issuer/snapshot.ts'
export { isPromise, type MaybePromise } from './lib/maybe-promise.ts'
export type { Runtime } from './lib/runtime.ts'
export type { Schema, SchemaIssue, SchemaResult } from './lib/standard-schema.ts'
export type { CacheOptions } from './standards/jwt/cache.ts'
export { jwt, type JwtOptions, type JwtSettings } from './standards/jwt/jwt.ts'
export type { TokenPolicy, TrustedIssuer } from './standards/jwt/policy.ts'
export type { Algorithm } from './standards/jwt/signature.ts'
export type { IssuerResolver } from './standards/jwt/trusted-issuers.ts'
