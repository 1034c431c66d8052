import { SignJWT } from 'jose'
import type { OktaApp } from './apps.ts'
import { bearerAssertion } from './client-assertion.ts'
import { randomText } from './wire.ts'

/** Whom a request is sent to, and as whom. */
export interface OktaRequestOptions {
  /** The app by name or client id. Default `web`. */
  readonly app?: string
  /** `org`, or a custom server by its name in the options. Default `default`. */
  readonly server?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** What came back, whatever it was. */
export interface OktaAnswer {
  readonly status: number
  /** Empty where the body is no JSON object. */
  readonly body: Readonly<Record<string, unknown>>
  readonly headers: Headers
}

/** Asks the emulator over the socket, as any client would. */
export interface OktaRequests {
  /** Posts a form to `/v1/<endpoint>` of a server, authenticated as an app. */
  readonly request: (
    endpoint: string,
    form: Readonly<Record<string, string>>,
    options?: OktaRequestOptions,
  ) => Promise<OktaAnswer>
  /** An access token of a machine: default of `service`, with `orders:read`. */
  readonly issueToken: (
    options?: OktaRequestOptions & { readonly scope?: string },
  ) => Promise<string>
}

interface Known {
  readonly app: (name: string) => OktaApp
  readonly base: (server: string) => string
  readonly now: () => number
}

export function createRequests({ app, base, now }: Known): OktaRequests {
  const request: OktaRequests['request'] = async (endpoint, form, options = {}) => {
    const url = `${base(options.server ?? 'default')}/v1/${endpoint}`
    const identity = await identityOf(app(options.app ?? 'web'), url, now())
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...identity.headers, ...options.headers },
      body: new URLSearchParams({ ...identity.form, ...form }),
    })
    const { status, headers } = response
    return { status, headers, body: objectOf(await response.text()) }
  }
  const issueToken: OktaRequests['issueToken'] = async (options = {}) => {
    const { scope = 'orders:read', ...others } = options
    const form = { grant_type: 'client_credentials', scope }
    const { status, body } = await request('token', form, { app: 'service', ...others })
    if (typeof body['access_token'] === 'string') return body['access_token']
    throw new Error(`no token: ${status} ${JSON.stringify(body)}`)
  }
  return { request, issueToken }
}

function objectOf(text: string): Readonly<Record<string, unknown>> {
  try {
    return { ...Object(JSON.parse(text)) }
  } catch {
    return {}
  }
}

interface Identity {
  readonly headers: Readonly<Record<string, string>>
  readonly form: Readonly<Record<string, string>>
}

async function identityOf(app: OktaApp, url: string, now: number): Promise<Identity> {
  const { clientId, clientSecret = '', authentication } = app
  if (authentication === 'none') return { headers: {}, form: { client_id: clientId } }
  if (authentication === 'client_secret_post') {
    return { headers: {}, form: { client_id: clientId, client_secret: clientSecret } }
  }
  if (authentication === 'client_secret_basic') {
    return { headers: { Authorization: basic(clientId, clientSecret) }, form: {} }
  }
  const assertion = await assertionOf(app, url, now)
  const type = { client_assertion_type: bearerAssertion }
  return { headers: {}, form: { ...type, client_assertion: assertion } }
}

// RFC 6749 §2.3.1: each half is form-encoded first.
function basic(...halves: readonly string[]): string {
  const encoded = halves.map((half) => new URLSearchParams({ half }).toString().slice(5))
  return `Basic ${Buffer.from(encoded.join(':')).toString('base64')}`
}

/** A fresh assertion of a client for one call of an endpoint. */
function assertionOf(app: OktaApp, url: string, now: number): Promise<string> {
  const { clientId, clientSecret, key } = app
  const isSecret = app.authentication === 'client_secret_jwt'
  if (!isSecret && key === undefined) {
    throw new Error(`the private key of ${app.name} is not known here`)
  }
  const header = isSecret || !key ? { alg: 'HS256' } : { alg: key.alg, kid: key.kid }
  const seconds = Math.floor(now / 1000)
  return new SignJWT({ jti: randomText(20) })
    .setProtectedHeader(header)
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(url)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + 60)
    .sign(key?.privateKey ?? new TextEncoder().encode(clientSecret ?? ''))
}
