import type { OktaApp } from './apps.ts'
import { checkAssertion } from './client-assertion.ts'
import type { Org } from './org.ts'
import { oauthError, type Call, type Refusal } from './wire.ts'

/** What a client showed to prove who it is. */
interface Shown {
  readonly method: OktaApp['authentication']
  readonly clientId: string
  readonly secret?: string
}

/** Which app is calling; refuses where its authentication is not the registered one. */
export async function identify(org: Org, call: Call, inQuery = false): Promise<OktaApp> {
  const { form } = call
  if (['client_secret', 'client_assertion'].some((name) => call.url.searchParams.has(name))) {
    throw oauthError(
      400,
      'invalid_request',
      'Client credentials cannot be supplied via query parameters.',
    )
  }
  if (form.has('client_assertion')) {
    if (call.headers.authorization !== undefined || form.has('client_secret')) throw tooMany()
    return checkAssertion(org, call)
  }
  return checkShown(org, shownBy(call, inQuery ? call.url.searchParams.get('client_id') : null))
}

function checkShown(org: Org, { method, clientId, secret }: Shown): OktaApp {
  const app = org.apps.get(clientId)
  if (app === undefined) throw invalidClient("Invalid value for 'client_id' parameter.")
  if (app.authentication !== method) {
    throw invalidClient(
      'Client authentication failed. Either the client or the client credentials are invalid.',
    )
  }
  if (method !== 'none' && app.clientSecret !== secret) {
    throw invalidClient('The client secret supplied for a confidential client is invalid.')
  }
  return app
}

function shownBy({ headers, form }: Call, queryId: string | null): Shown {
  const { authorization } = headers
  const secret = form.get('client_secret')
  if (authorization !== undefined && /^Basic /i.test(authorization)) {
    if (secret !== null) throw tooMany()
    return basic(authorization)
  }
  const clientId = form.get('client_id') ?? queryId
  if (clientId === null) throw invalidClient('No client credentials found.')
  return secret === null
    ? { method: 'none', clientId }
    : { method: 'client_secret_post', clientId, secret }
}

function basic(authorization: string): Shown {
  const text = Buffer.from(authorization.slice(6), 'base64').toString()
  const colon = text.indexOf(':')
  if (colon < 1) {
    throw invalidClient('Found Authentication header but was not valid client credentials.')
  }
  const [clientId = '', secret = ''] = [text.slice(0, colon), text.slice(colon + 1)].map(decode)
  return { method: 'client_secret_basic', clientId, secret }
}

// RFC 6749 §2.3.1: each half is form-encoded first.
const decode = (half: string): string => new URLSearchParams(`half=${half}`).get('half') ?? ''

export const invalidClient = (description: string): Refusal =>
  oauthError(401, 'invalid_client', description)

const tooMany = (): Refusal =>
  oauthError(
    401,
    'invalid_request',
    'Cannot supply multiple client credentials. Use one of the following: credentials in the Authorization header, credentials in the post body, or a client_assertion in the post body.',
  )
