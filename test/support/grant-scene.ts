import { createClock, createTokenIssuer, type Clock, type TokenIssuer } from '@portcullis/testkit'
import { createClient, type Client } from '../../packages/core/src/client/create.ts'
import type { ClientSettings } from '../../packages/core/src/client/settings.ts'
import { createIssuer } from '../../packages/core/src/issuer/create.ts'

export const issuer = 'https://id.test'

/** A request to the issuer. */
export interface Asked {
  readonly path: string
  readonly form: URLSearchParams
  readonly headers: Headers
}

/** A status and a JSON body, a whole response, or nobody there. */
export type Said = readonly [status: number, body: unknown] | Response | 'down'

/** A client whose issuer says whatever a test wants it to say, and whose time passes by sleeping only. */
export interface GrantScene {
  readonly client: Client
  readonly clock: Clock
  readonly tokens: TokenIssuer
  readonly asked: readonly Asked[]
  /** In seconds. */
  readonly slept: readonly number[]
  /** Says these, one after the other, the last one for ever. */
  readonly say: (path: string, ...answers: readonly Said[]) => void
  /** How often an endpoint was asked. */
  readonly count: (path: string) => number
  readonly last: () => Asked
  /** An ID token of the issuer for the client. */
  readonly idToken: (claims?: Readonly<Record<string, unknown>>) => string
}

const start = 1_700_000_000

export const bearer = { access_token: 'a-1', token_type: 'Bearer', expires_in: 300 }

/** A refusal of the token endpoint (RFC 6749 §5.2). */
export const refusing = (error: string, status = 400): Said => [status, { error }]

export function createGrantScene(more: Partial<ClientSettings> = {}): GrantScene {
  const clock = createClock(start * 1000)
  const tokens = createTokenIssuer({ issuer, algorithm: 'ES256', now: clock.now })
  const queues = new Map<string, Said[]>()
  const asked: Asked[] = []
  const slept: number[] = []
  const endpoints = {
    token_endpoint: `${issuer}/token`,
    userinfo_endpoint: `${issuer}/userinfo`,
    revocation_endpoint: `${issuer}/revoke`,
    introspection_endpoint: `${issuer}/introspect`,
    device_authorization_endpoint: `${issuer}/device`,
    backchannel_authentication_endpoint: `${issuer}/backchannel`,
  }
  const answer: typeof fetch = async (input, init) => {
    const request = new Request(input, init)
    const path = new URL(request.url).pathname
    const form = new URLSearchParams(await request.text())
    asked.push({ path, form, headers: request.headers })
    const queue = queues.get(path) ?? []
    const said = (queue.length > 1 ? queue.shift() : queue[0]) ?? [404, {}]
    if (said === 'down') throw new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') })
    return said instanceof Response ? said.clone() : Response.json(said[1], { status: said[0] })
  }
  const client = createClient({
    issuer: createIssuer({
      issuer,
      jwks: tokens.jwks,
      now: clock.now,
      metadata: { issuer, ...endpoints },
    }),
    client: { id: 'robot', secret: 'robot-secret' },
    now: clock.now,
    fetch: answer,
    sleep: (seconds) => {
      slept.push(seconds)
      clock.advance(seconds)
      return Promise.resolve()
    },
    ...more,
  })
  return {
    client,
    clock,
    tokens,
    asked,
    slept,
    say: (path, ...answers) => queues.set(path, [...answers]),
    count: (path) => asked.filter((one) => one.path === path).length,
    last: () => {
      const last = asked.at(-1)
      if (last === undefined) throw new Error('nobody asked')
      return last
    },
    idToken: (claims = {}) => {
      const now = Math.floor(clock.now() / 1000)
      const usual = { iss: issuer, aud: 'robot', sub: 'alice', iat: now, exp: now + 300 }
      return tokens.sign({ alg: 'ES256', kid: tokens.kid }, { ...usual, ...claims })
    },
  }
}
