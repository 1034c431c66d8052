import { compactVerify, decodeJwt, decodeProtectedHeader, type JWTPayload } from 'jose'
import { keyOf } from '../client-assertion.ts'
import { identify } from '../client-authentication.ts'
import type { Org } from '../org.ts'
import type { Server } from '../servers.ts'
import { noStore, oauthError, randomText, type Answer, type Call, type Refusal } from '../wire.ts'
import { checkOnce } from '../token/endpoint.ts'
import { invalid, readDestination, readRequest } from './request.ts'

const pushedLifetime = 3600

/** `POST /v1/par`: keeps the parameters for `/authorize`. */
export async function pushRequest(org: Org, server: Server, call: Call): Promise<Answer> {
  const { form } = call
  checkOnce(form)
  const app = await identify(org, call)
  if (form.has('request_uri')) {
    throw invalid("The 'request_uri' parameter must not be present in the request.")
  }
  const parameters = new URLSearchParams(form)
  parameters.set('client_id', app.clientId)
  for (const name of ['client_secret', 'client_assertion', 'client_assertion_type']) {
    parameters.delete(name)
  }
  const whole = await withRequestObject(org, server, parameters)
  readRequest(server, readDestination(org, whole), whole)
  const uri = `urn:okta:${randomText(43)}`
  org.pushed.put(uri, { server, app, parameters: whole }, pushedLifetime)
  return {
    status: org.settings.pushedStatus,
    headers: noStore,
    body: { request_uri: uri, expires_in: pushedLifetime },
  }
}

/** All parameters of a request, wherever they were put. */
export async function gather(
  org: Org,
  server: Server,
  sent: URLSearchParams,
): Promise<URLSearchParams> {
  if (sent.has('request') && sent.has('request_uri')) {
    throw invalid('The authorize request must not contain both a request object and a request uri.')
  }
  if (!sent.has('request_uri')) return withRequestObject(org, server, sent)
  const pushed = org.pushed.get(sent.get('request_uri'))
  if (pushed === undefined) throw badUri('The authorize request_uri is invalid.')
  if (pushed.server.id !== server.id) {
    throw badUri('The request_uri was issued for another authorization server.')
  }
  if (pushed.app.clientId !== sent.get('client_id')) {
    throw oauthError(
      401,
      'invalid_client',
      "The 'client_id' parameter does not match the expected value for the provided request_uri.",
    )
  }
  org.pushed.take(sent.get('request_uri'))
  return pushed.parameters
}

const badUri = (description: string): Refusal => oauthError(400, 'invalid_request_uri', description)

const fromObject = [
  'state',
  'nonce',
  'code_challenge',
  'code_challenge_method',
  'max_age',
  'acr_values',
  'prompt',
  'login_hint',
  'response_mode',
]

async function withRequestObject(
  org: Org,
  server: Server,
  sent: URLSearchParams,
): Promise<URLSearchParams> {
  const text = sent.get('request')
  if (text === null) return sent
  const claims = await verified(org, sent.get('client_id') ?? '', text)
  checkClaims(org, server, sent.get('client_id'), claims)
  const parameters = new URLSearchParams(sent)
  parameters.delete('request')
  const others = ['redirect_uri', 'response_type', 'scope'].filter((name) => !sent.has(name))
  for (const name of [...fromObject, ...others]) {
    const value = claims[name]
    if (typeof value === 'string' || typeof value === 'number') {
      parameters.set(name, String(value))
    }
  }
  return parameters
}

async function verified(org: Org, clientId: string, text: string): Promise<JWTPayload> {
  const app = org.apps.get(clientId)
  if (app === undefined) throw invalid("Invalid value for 'client_id' parameter.")
  const parsed = parse(text)
  if (!/^(HS|RS|ES)(256|384|512)$/.test(parsed.header.alg ?? '')) {
    throw badObject('The signing algorithm used is not supported by this client.')
  }
  try {
    await compactVerify(text, await keyOf(app, parsed.header))
  } catch {
    throw badObject('The signature of the request object is invalid.')
  }
  return parsed.claims
}

function parse(text: string) {
  try {
    return { header: decodeProtectedHeader(text), claims: decodeJwt(text) }
  } catch {
    throw badObject('The request object cannot be parsed.')
  }
}

function checkClaims(
  org: Org,
  server: Server,
  clientId: string | null,
  { iss, aud, exp, iat, jti }: JWTPayload,
): void {
  const now = org.now() / 1000
  if (iss !== clientId) throw badObject('The authorize request object is invalid.')
  if (aud !== server.issuer) throw badObject('The audience of the request object is invalid.')
  if (exp === undefined || exp <= now) throw badObject('The request object is expired.')
  if (exp > now + 3601) throw badObject('The request object expires too far in the future.')
  if (iat !== undefined && iat > now + 1) {
    throw badObject('The request object is issued in the future.')
  }
  if (jti !== undefined && !org.usedJtis.once(`request ${iss} ${jti}`, true, 3600)) {
    throw badObject('The request object has already been used.')
  }
}

const badObject = (description: string): Refusal =>
  oauthError(400, 'invalid_request_object', description)
