export {
  clientSecretBasic,
  clientSecretJwt,
  clientSecretPost,
  publicClient,
  type AssertionOptions,
  type ClientAuthentication,
} from './client/authentication.ts'
export {
  authorizedFetch,
  type AuthorizedFetch,
  type AuthorizedFetchOptions,
} from './client/authorized-fetch.ts'
export type { CodeRequest, LoginClient, RefreshWish } from './client/client.ts'
export { createClient, type Client, type TokenHint } from './client/create.ts'
/** For packages that read an authorization answer in a way of their own. */
export { answerCode, isAnswerOutage } from './client/failure.ts'
export type { FormFields, Grant, GrantWish } from './client/grant.ts'
export {
  createIdTokenCheck,
  type ExpectedIdToken,
  type IdTokenCheck,
  type IdTokenCheckOptions,
} from './client/id-token.ts'
export { readClientOptions, type ClientOptions, type Registration } from './client/options.ts'
/** For packages that send forms to an issuer: no error may repeat what is secret in them. */
export { secretsIn, withoutSecrets } from './client/secrets.ts'
export { proveClient, type ProvableRequest } from './client/prove.ts'
export type {
  FinalOutcome,
  PendingGrant,
  PollOutcome,
  PollProgress,
  WaitOptions,
} from './client/polling.ts'
export type { ClientSettings, FetchWish, RefreshGrantWish } from './client/settings.ts'
export type { SignedJwt, SignedReader } from './client/signed.ts'
export type {
  ExportableKey,
  PrivateKey,
  SigningAlgorithm,
  SigningKeyOptions,
} from './client/signing-key.ts'
export type {
  GrantedTokens,
  IssuedAccessToken,
  IssuedIdToken,
  IssuedRefreshToken,
  TokenSet,
} from './client/tokens.ts'
export { ConfigurationError } from './errors/configuration.ts'
export { Outage, type OutageOptions } from './errors/outage.ts'
export { errorReply } from './errors/reply.ts'
export { forbidden, Refusal, type RefusalOptions, type Trail } from './errors/refusal.ts'
export type { BearerError, OutageCode, RefusalCode } from './errors/table.ts'
export {
  demandPrincipal,
  keepPrincipal,
  keepPrincipalBeside,
  keptPrincipal,
  withRules,
  type PrincipalOf,
} from './guard/attach.ts'
export type { Authenticator, SignedIn } from './guard/authenticator.ts'
export type { GenuineToken, SenderConstraint } from './guard/constraint.ts'
export {
  createGuard,
  type GuardOptions,
  type GuardSettings,
  type ManyIssuers,
  type OneIssuer,
  type OnlyLogin,
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
export type { AccessToken, TokenFacts, TokenVerifier } from './guard/token.ts'
export type { Granted, Refused, Verdict } from './guard/verdict.ts'
export { printable } from './http/challenge.ts'
export { expireCookie, readCookie, writeCookie, type CookieAttributes } from './http/cookies.ts'
export { readForm } from './http/form.ts'
export { notAllowed, pathOf } from './http/path.ts'
export { isPreflight } from './http/preflight.ts'
export { bodyReaders, type BodyReaders } from './http/readers.ts'
export { lateFields, type LateFields } from './http/late.ts'
export type { Handler, HeaderField, Reply } from './http/reply.ts'
export type { HttpRequest, LateResponse } from './http/request.ts'
export {
  createIssuer,
  type Issuer,
  type IssuerHealth,
  type IssuerOptions,
  type IssuerSource,
  type KeyOptions,
} from './issuer/create.ts'
export type { IssuerMetadata } from './issuer/discovery.ts'
/** For packages that read addresses. */
export { isLoopback } from './issuer/url.ts'
export type { PublicKey } from './issuer/key-set.ts'
export type { Choice, KeySource, KeyState } from './issuer/keys.ts'
export type { IssuerSnapshot } from './issuer/snapshot.ts'
/** For packages that add what only one vendor has: options are checked in the same words everywhere. */
export * as optionChecks from './lib/assert.ts'
export type { Claims } from './lib/claims.ts'
export { within } from './lib/deadline.ts'
export { isPromise, type MaybePromise } from './lib/maybe-promise.ts'
export type { Runtime } from './lib/runtime.ts'
/** For packages that ask an issuer themselves: no cache of a framework may answer. */
export { uncached } from './lib/uncached.ts'
/** For packages that wait as an issuer tells them. */
export { retryAfterSeconds } from './lib/retry-after.ts'
/** For packages with observers of their own, who have no say. */
export { tell } from './lib/tell.ts'
export { copied } from './lib/text.ts'
export { createSealBox, type SealBox } from './lib/seal.ts'
export type { Schema, SchemaIssue, SchemaResult } from './lib/standard-schema.ts'
export { createLogin, type EntranceOptions, type Login } from './login/create.ts'
export type { AuthorizationRequest, Delivery } from './login/delivery.ts'
export type { Door, DoorParts } from './login/door.ts'
export { html as escapeHtml } from './login/pages.ts'
export type { LoginEvent, LoginObserver } from './login/observe.ts'
export type {
  LoginOptions,
  LoginRoutes,
  LogoutOptions,
  ResponseType,
  SignIn,
  SignInResult,
} from './login/options.ts'
export type { Unauthenticated } from './login/navigation.ts'
export type { AuthorizationParameters } from './login/parameters.ts'
export { formPost, type AnswerParts, type ResponseMode } from './login/response-mode.ts'
export type { ProvenUser } from './login/sign-in.ts'
export type { LoginWish } from './login/start.ts'
export { checkOrigin } from './session/authenticator.ts'
/** For packages that ask a store of their own: in time, and with an `Outage` where it fails. */
export { asked } from './session/asked.ts'
export {
  accessToken,
  logoutUrl,
  session,
  updateSession,
  userinfo,
  type SessionView,
  type TokenWish,
} from './session/active.ts'
export type { Lease, Lock } from './session/lock.ts'
export type { ReplayStore } from './session/replay.ts'
export type { Revocations } from './session/revocations.ts'
export { revokedBy } from './session/revoked-by.ts'
export type { HeldToken, Session, SessionContent, SessionOwner } from './session/session.ts'
export type {
  CookieSettings,
  Held,
  Renewed,
  Sessions,
  Vault,
  VaultReport,
} from './session/sessions.ts'
export type {
  KeptToken,
  SessionCookieOptions,
  SessionOptions,
  SessionSettings,
} from './session/settings.ts'
export type { SessionStore, StoredSession } from './session/store.ts'
export { sealedSessions, type SealedSessionOptions } from './session/sealed.ts'
export { storedSessions, type StoredSessionOptions } from './session/stored.ts'
export {
  fromExpressSessionStore,
  type ExpressSessionStore,
  type ExpressSessionStoreOptions,
} from './session/from-express-session-store.ts'
export { memorySessions, type MemorySessionOptions } from './session/memory.ts'
export { memoryLock, type MemoryLockOptions } from './session/memory-lock.ts'
export { memoryReplays, type MemoryReplayOptions } from './session/memory-replays.ts'
export { memoryRevocations, type MemoryRevocationOptions } from './session/memory-revocations.ts'
export {
  backChannelLogout,
  type BackChannelLogoutOptions,
} from './standards/back-channel-logout/back-channel-logout.ts'
export type { CibaWish } from './standards/ciba/ciba.ts'
export type { DeviceAttempt } from './standards/device/device.ts'
export {
  frontChannelLogout,
  type FrontChannelLogoutOptions,
} from './standards/front-channel-logout/front-channel-logout.ts'
export type { ActiveToken, InactiveToken, Introspection } from './standards/introspection/client.ts'
export {
  jwtAndIntrospection,
  jwtOrIntrospection,
  type TwoVerifiers,
} from './standards/introspection/combine.ts'
export { introspection } from './standards/introspection/introspection.ts'
export type {
  AnswerStore,
  BreakerOptions,
  IntrospectionCacheOptions,
  IntrospectionOptions,
  SignedAnswerOptions,
} from './standards/introspection/options.ts'
export type { RequestEncryption } from './standards/jar/encryption.ts'
export { jar, type JarOptions, type SignedDelivery } from './standards/jar/jar.ts'
export { jarm, type JarmOptions } from './standards/jarm/jarm.ts'
export { mutualTls, type MutualTlsOptions } from './standards/mtls/client.ts'
export type { PasswordWish } from './standards/password/password.ts'
export { par, type ParOptions } from './standards/par/par.ts'
export {
  privateKeyJwt,
  type PrivateKeyJwtOptions,
} from './standards/private-key-jwt/private-key-jwt.ts'
export { stepUp, type StepUpOptions } from './standards/step-up/step-up.ts'
export type { CacheOptions } from './standards/jwt/cache.ts'
export { jwt, type JwtOptions, type JwtSettings } from './standards/jwt/jwt.ts'
export { createSignedReader, type SignedReaderOptions } from './standards/jwt/signed.ts'
export type { TokenPolicy, TrustedIssuer } from './standards/jwt/policy.ts'
export type { Algorithm } from './standards/jwt/signature.ts'
export type { IssuerResolver } from './standards/jwt/trusted-issuers.ts'
export type {
  ExchangedToken,
  ExchangeWish,
  TokenKind,
} from './standards/token-exchange/token-exchange.ts'
