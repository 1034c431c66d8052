import { realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import type { RequestHandler } from 'express'

// Clients by other authors. They are the benchmark's, so they are found from there, and what is used of
// their interfaces is written down here.
const bench = createRequire(new URL('../../../bench/package.json', import.meta.url))

/** What a verifier makes of a token that is good. */
export interface Verified {
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
}

interface JwtVerifier {
  verifyAccessToken(token: string, audience: string): Promise<Verified>
  verifyIdToken(token: string, clientId: string, nonce: string): Promise<Verified>
}

interface VerifierOptions {
  readonly issuer: string
  readonly jwksUri?: string
  readonly testing?: { readonly disableHttpsCheck: boolean }
  readonly assertClaims?: Readonly<Record<string, unknown>>
}

// As its README says.
export const OktaJwtVerifier = bench('@okta/jwt-verifier') as new (
  options: VerifierOptions,
) => JwtVerifier

// As its README says.
const connect = bench('express-openid-connect') as {
  auth: (options: object) => RequestHandler
}
export const { auth } = connect

/** Tokens as openid-client gives them. */
export interface Granted {
  readonly access_token: string
  readonly refresh_token?: string
  readonly id_token?: string
  readonly token_type: string
  readonly scope?: string
  claims(): Readonly<Record<string, unknown>> | undefined
}

interface Checks {
  readonly pkceCodeVerifier: string
  readonly expectedState: string
  readonly expectedNonce: string
}

/** An issuer and a registration; openid-client alone looks inside. */
export interface Configuration {
  serverMetadata(): Readonly<Record<string, unknown>>
}
type Form = Readonly<Record<string, string>>
type Answered = Promise<Readonly<Record<string, unknown>>>

interface OpenidClient {
  discovery(
    issuer: URL,
    clientId: string,
    metadata: object | undefined,
    authentication: unknown,
    options: { readonly execute: readonly unknown[] },
  ): Promise<Configuration>
  readonly allowInsecureRequests: unknown
  None(): unknown
  ClientSecretBasic(secret: string): unknown
  ClientSecretPost(secret: string): unknown
  readonly modifyAssertion: symbol
  ClientSecretJwt(secret: string, options: object): unknown
  buildAuthorizationUrl(config: Configuration, parameters: Form): URL
  buildAuthorizationUrlWithPAR(config: Configuration, parameters: Form): Promise<URL>
  buildEndSessionUrl(config: Configuration, parameters: Form): URL
  calculatePKCECodeChallenge(verifier: string): Promise<string>
  randomPKCECodeVerifier(): string
  randomState(): string
  randomNonce(): string
  authorizationCodeGrant(config: Configuration, url: URL, checks: Checks): Promise<Granted>
  refreshTokenGrant(config: Configuration, token: string): Promise<Granted>
  clientCredentialsGrant(
    config: Configuration,
    form: Form,
    options?: { readonly DPoP: unknown },
  ): Promise<Granted>
  initiateDeviceAuthorization(
    config: Configuration,
    form: Form,
  ): Promise<{ readonly user_code: string }>
  pollDeviceAuthorizationGrant(config: Configuration, started: object): Promise<Granted>
  randomDPoPKeyPair(): Promise<unknown>
  getDPoPHandle(config: Configuration, keys: unknown): unknown
  fetchUserInfo(config: Configuration, token: string, subject: string): Answered
  tokenIntrospection(config: Configuration, token: string): Answered
  tokenRevocation(config: Configuration, token: string): Promise<void>
}

/** openid-client, which comes with express-openid-connect. */
export async function loadOpenidClient(): Promise<OpenidClient> {
  const home = createRequire(realpathSync(bench.resolve('express-openid-connect')))
  const path = home.resolve('openid-client')
  // As its reference says.
  return (await import(pathToFileURL(path).href)) as OpenidClient
}
