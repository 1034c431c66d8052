import { createHash } from 'node:crypto'
import type { JSONWebKeySet } from 'jose'

const redirectUri = 'https://app.test/callback'
export const verifier = 'a-verifier-of-at-least-43-characters-0123456789'

/** A good authorization request. */
export const asked: Readonly<Record<string, string>> = {
  client_id: 'client-1',
  redirect_uri: redirectUri,
  response_type: 'code',
  scope: 'openid offline_access',
  state: 'state-1',
  nonce: 'nonce-1',
  acr_values: 'urn:strong',
  code_challenge: createHash('sha256').update(verifier).digest('base64url'),
  code_challenge_method: 'S256',
}

export type Json = Readonly<Record<string, unknown>>
type Texts = Readonly<Record<string, string>>

/** What the authorization endpoint answered, and in which way. */
export interface Answered {
  readonly how: 'query' | 'fragment' | 'form_post'
  readonly parameters: URLSearchParams
}

/** A client that does everything right and believes everything: what it sees is what the issuer did. */
export interface Visitor {
  readonly get: (path: string, headers?: Texts) => Promise<Response>
  readonly post: (path: string, form: Texts, headers?: Texts) => Promise<Response>
  readonly authorize: (more?: Texts) => Promise<Answered>
  readonly trade: (code: string, more?: Texts) => Promise<Response>
  readonly renew: (refreshToken: unknown) => Promise<Response>
  readonly userinfo: (accessToken: unknown) => Promise<Response>
  /** A whole login: what the token endpoint says. */
  readonly logIn: () => Promise<Json>
  readonly keys: () => Promise<JSONWebKeySet>
}

export const basic = (secret: string): Texts => ({
  authorization: `Basic ${Buffer.from(`client-1:${secret}`).toString('base64')}`,
})

// Our own issuer's answers are objects, unless it lies about just that.
export const object = async (response: Response): Promise<Json> => (await response.json()) as Json

export function createVisitor(url: () => string): Visitor {
  const send = (path: string, init: RequestInit): Promise<Response> =>
    fetch(url() + path, { ...init, redirect: 'manual', signal: AbortSignal.timeout(1500) })
  const get: Visitor['get'] = (path, headers = {}) => send(path, { headers })
  const post: Visitor['post'] = (path, form, headers = basic('client-secret')) =>
    send(path, { method: 'POST', headers, body: new URLSearchParams(form) })
  const authorize: Visitor['authorize'] = async (more = {}) =>
    read(await get(`/authorize?${new URLSearchParams({ ...asked, ...more }).toString()}`))
  const good = {
    grant_type: 'authorization_code',
    redirect_uri: redirectUri,
    code_verifier: verifier,
  }
  const trade: Visitor['trade'] = (code, more = {}) => post('/token', { ...good, code, ...more })
  return {
    get,
    post,
    authorize,
    trade,
    renew: (token) => post('/token', { grant_type: 'refresh_token', refresh_token: String(token) }),
    userinfo: (token) => get('/userinfo', { authorization: `Bearer ${String(token)}` }),
    logIn: async () => {
      const { parameters } = await authorize()
      return object(await trade(parameters.get('code') ?? ''))
    },
    // What our own issuer publishes is a key set.
    keys: async () => (await (await get('/jwks')).json()) as JSONWebKeySet,
  }
}

async function read(response: Response): Promise<Answered> {
  const location = response.headers.get('location')
  if (location === null) {
    const fields = [...(await response.text()).matchAll(/name="([^"]*)" value="([^"]*)"/g)]
    const parameters = new URLSearchParams(
      fields.map(([, name = '', value = '']): [string, string] => [name, unescape(value)]),
    )
    return { how: 'form_post', parameters }
  }
  const { hash, search } = new URL(location)
  return hash === ''
    ? { how: 'query', parameters: new URLSearchParams(search) }
    : { how: 'fragment', parameters: new URLSearchParams(hash.slice(1)) }
}

const unescape = (text: string): string =>
  text.replace(/&#(\d+);/g, (_all, code) => String.fromCharCode(Number(code)))
