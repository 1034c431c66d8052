export { createBrowser, type Browser, type Page } from './browser.ts'
export type { Visit } from './visit.ts'
export { createClock, type Clock } from './clock.ts'
export type { SigningAlgorithm } from './signing-key.ts'
export {
  createTokenIssuer,
  type Overrides,
  type TokenIssuer,
  type TokenIssuerGuardOptions,
  type TokenIssuerOptions,
} from './token-issuer.ts'
export { createAuthorizationServer, type AuthorizationServer } from './server/create.ts'
export type { Endpoint } from './server/endpoints.ts'
export type { Fault, Faults } from './server/faults.ts'
export type { Garbage } from './server/garbage.ts'
export type {
  AuthorizationServerOptions,
  ClientMetadata,
  Resource,
  SignIn,
  User,
} from './server/options.ts'
export type { RequestCounts } from './server/requests.ts'
export type { TokenAnswer, TokenClient, TokenRequest } from './server/token-client.ts'
export { createOkta, type Okta } from './okta/create.ts'
export type { OktaApp } from './okta/apps.ts'
export type { AuthnOptions as OktaAuthnOptions } from './okta/authn/options.ts'
export type { Authn as OktaAuthn } from './okta/authn/routes.ts'
export type {
  AccessPolicy as OktaAccessPolicy,
  AccessRule as OktaAccessRule,
  ClientAuthentication as OktaClientAuthentication,
  Credential as OktaCredential,
  FactorKind as OktaFactorKind,
  FrontChannelLogout as OktaFrontChannelLogout,
  IdentityProviderOptions as OktaIdentityProviderOptions,
  OktaAppOptions,
  OktaLimits,
  OktaOptions,
  OktaScope,
  OktaServerOptions,
  OktaUserOptions,
  SignOn as OktaSignOn,
  TokenEncryption as OktaTokenEncryption,
  UserStatus as OktaUserStatus,
} from './okta/options.ts'
export type { Factor as OktaFactor, Person as OktaUser } from './okta/people.ts'
export type {
  Channel as OktaChannel,
  Inbox as OktaInbox,
  Message as OktaMessage,
  Phone as OktaPhone,
  Prompt as OktaPrompt,
} from './okta/phone.ts'
export type { IdentityProvider as OktaIdentityProvider } from './okta/identity-providers.ts'
export type { OktaAnswer, OktaRequestOptions, OktaRequests } from './okta/request.ts'
export type { OktaServer } from './okta/servers.ts'
export type { OktaSettings } from './okta/state.ts'
export type { UniversalLogout as OktaUniversalLogout } from './okta/universal-logout.ts'
export type { Exchange as OktaExchange, OktaEndpoint } from './okta/wire.ts'
