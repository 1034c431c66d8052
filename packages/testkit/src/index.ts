export { createBrowser, type Browser, type Page } from './browser.ts'
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
