import {
  introspection,
  type AccessToken,
  type IntrospectionOptions,
  type TokenVerifier,
} from '@portcullis/core'
import { createClock, createTokenIssuer, type Clock, type TokenIssuer } from '@portcullis/testkit'

export const start = 1_700_000_000
export const issuer = 'https://id.test'
export const audience = 'https://api.test'

/** What a usual issuer says about a usual token at `start`. */
export const active = {
  active: true,
  iss: issuer,
  aud: audience,
  sub: 'alice',
  client_id: 'web',
  scope: 'orders:read orders:write',
  token_type: 'Bearer',
  iat: start,
  exp: start + 300,
}

/** A request as the issuer sees it. */
export interface Asked {
  readonly url: string
  readonly form: URLSearchParams
  readonly headers: Headers
}

/** What the issuer says about a token. */
export type Said = (asked: Asked) => Response | Promise<Response>

/** A verifier whose issuer says whatever a test wants it to say, without any socket. */
export interface IntrospectionScene {
  readonly verifier: TokenVerifier
  /** Always as a promise. */
  readonly verify: (token?: string) => Promise<AccessToken>
  readonly clock: Clock
  readonly tokens: TokenIssuer
  readonly asked: readonly Asked[]
  /** Requests that wait for their answer now, and the most that ever did. */
  readonly waiting: () => { readonly now: number; readonly most: number }
  /** Members on top of the usual answer; `undefined` takes one away. */
  readonly say: (members?: Readonly<Record<string, unknown>>) => void
  readonly sayBy: (said: Said) => void
  /** Makes the issuer unreachable, as undici reports it. */
  readonly breakDown: () => void
}

export const described = (members: Readonly<Record<string, unknown>> = {}): Response =>
  Response.json({ ...active, ...members })

export function createIntrospectionScene(
  more: Partial<IntrospectionOptions> = {},
): IntrospectionScene {
  const clock = createClock(start * 1000)
  const tokens = createTokenIssuer({ issuer, algorithm: 'ES256', now: clock.now })
  const asked: Asked[] = []
  const count = { now: 0, most: 0 }
  let said: Said = () => described()
  const answer: typeof fetch = async (input, init) => {
    const request = new Request(input, init)
    const { pathname } = new URL(request.url)
    if (pathname.startsWith('/.well-known/')) {
      return Response.json({
        issuer,
        introspection_endpoint: `${issuer}/introspect`,
        jwks_uri: `${issuer}/keys`,
      })
    }
    if (pathname === '/keys') return Response.json(tokens.jwks)
    const form = new URLSearchParams(await request.text())
    const one = { url: request.url, form, headers: request.headers }
    asked.push(one)
    count.now++
    count.most = Math.max(count.most, count.now)
    try {
      return await said(one)
    } finally {
      count.now--
    }
  }
  const verifier = introspection({
    issuer,
    client: { id: 'api', secret: 'api-secret' },
    audience,
    fetch: answer,
    now: clock.now,
    ...more,
  })
  return {
    verifier,
    verify: async (token = 'opaque') => verifier.verify(token),
    clock,
    tokens,
    asked,
    waiting: () => ({ ...count }),
    say: (members) => {
      said = () => described(members)
    },
    sayBy: (next) => {
      said = next
    },
    breakDown: () => {
      said = () => {
        throw new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') })
      }
    },
  }
}
