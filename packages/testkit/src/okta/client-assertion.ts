import {
  compactVerify,
  type CryptoKey,
  decodeJwt,
  decodeProtectedHeader,
  importJWK,
  type JWTPayload,
  type ProtectedHeaderParameters,
} from 'jose'
import type { OktaApp } from './apps.ts'
import type { Org } from './org.ts'
import { oauthError, type Call, type Refusal } from './wire.ts'

export const bearerAssertion = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** Checks `client_secret_jwt` and `private_key_jwt`. */
export async function checkAssertion(org: Org, call: Call): Promise<OktaApp> {
  const { form } = call
  if (form.get('client_assertion_type') !== bearerAssertion) {
    throw oauthError(400, 'invalid_request', 'The client_assertion_type is invalid.')
  }
  const assertion = form.get('client_assertion') ?? ''
  const { header, claims } = parse(assertion)
  const app = org.apps.get(claims.iss ?? '')
  if (app === undefined) {
    throw refused('The issuer claim for client_assertion is not a valid client_id.')
  }
  checkNames(app, claims, form.get('client_id'))
  await checkSignature(app, assertion, header)
  checkClaims(claims, `${call.url.origin}${call.url.pathname}`, org.now() / 1000)
  if (claims.jti !== undefined && !org.usedJtis.once(`${app.clientId} ${claims.jti}`, true, 3600)) {
    throw refused('The client_assertion token has already been used.')
  }
  return app
}

interface Parsed {
  readonly header: ProtectedHeaderParameters
  readonly claims: JWTPayload
}

function parse(assertion: string): Parsed {
  try {
    return { header: decodeProtectedHeader(assertion), claims: decodeJwt(assertion) }
  } catch {
    throw refused('The parsing of the client_assertion failed.')
  }
}

function checkNames(app: OktaApp, claims: JWTPayload, clientId: string | null): void {
  if (claims.sub !== app.clientId) {
    throw refused('The subject claim for client_assertion is not a valid client_id.')
  }
  if (clientId !== null && clientId !== app.clientId) {
    throw refused("Invalid value for 'client_id' parameter.")
  }
  if (!['client_secret_jwt', 'private_key_jwt'].includes(app.authentication)) {
    throw refused(
      'Client authentication failed. Either the client or the client credentials are invalid.',
    )
  }
}

async function checkSignature(
  app: OktaApp,
  assertion: string,
  header: ProtectedHeaderParameters,
): Promise<void> {
  const key = await keyOf(app, header)
  try {
    await compactVerify(assertion, key)
  } catch {
    throw refused('The client_assertion signature is invalid.')
  }
}

/** The key of a client's JWT: its secret, or the public key that the header names. */
export async function keyOf(
  app: OktaApp,
  { kid, alg = '' }: ProtectedHeaderParameters,
): Promise<Uint8Array | CryptoKey> {
  if (app.authentication === 'client_secret_jwt' || alg.startsWith('HS')) {
    return new TextEncoder().encode(app.clientSecret ?? '')
  }
  const { keys } = app.jwks
  const jwk = keys.length === 1 && kid === undefined ? keys[0] : keys.find((key) => key.kid === kid)
  if (jwk === undefined) throw refused('The client_assertion JWT kid is invalid.')
  return importJWK(jwk, alg)
}

const maximum = 3600

function checkClaims(claims: JWTPayload, endpoint: string, now: number): void {
  const { aud, exp, iat } = claims
  const audiences = Array.isArray(aud) ? aud : [aud]
  if (!audiences.includes(endpoint)) {
    throw refused(
      'The audience claim for client_assertion must be the endpoint invoked for the request.',
    )
  }
  if (exp === undefined) {
    throw refused("The client_assertion must contain the 'exp' claim as seconds since epoch.")
  }
  if (exp <= now) throw refused('The client_assertion token is expired.')
  // A second for the fraction that `iat` and `exp` do not have.
  if (exp > now + maximum + 1) {
    throw refused('The client_assertion token has an expiration too far into the future.')
  }
  if (iat !== undefined && iat > now + 1) {
    throw refused('The client_assertion token must be issued before the current time.')
  }
}

const refused = (description: string): Refusal => oauthError(401, 'invalid_client', description)
