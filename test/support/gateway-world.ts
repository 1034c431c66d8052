import { createClock, createTokenIssuer, type Clock, type TokenIssuer } from '@portcullis/testkit'
import { createCheck } from '../../packages/gateway/src/check/create.ts'
import type { Answer } from '../../packages/gateway/src/check/answer.ts'
import type { Inquiry } from '../../packages/gateway/src/check/inquiry.ts'
import { compile } from '../../packages/gateway/src/compile.ts'
import type { Compiled, GatewayExtension } from '../../packages/gateway/src/compiled.ts'
import type { GatewayConfig, IssuerConfig } from '../../packages/gateway/src/config/config.ts'

/** What an issuer answers at its introspection endpoint. */
export type Introspected = (token: string) => Readonly<Record<string, unknown>> | undefined

/** A gateway without sockets, and the issuer behind it. */
export interface GatewayWorld {
  readonly clock: Clock
  readonly tokens: TokenIssuer
  /** Requests that the issuer got, by path. */
  readonly asked: string[]
  readonly compiled: Compiled
  /** Always as a promise. */
  readonly ask: (inquiry: Partial<Inquiry> & { readonly fields?: Fields }) => Promise<Answer>
  /** As the dialects ask. */
  readonly check: (inquiry: Inquiry) => Answer | Promise<Answer>
  /** Makes the issuer unreachable, or reachable again. */
  readonly breakDown: (broken?: boolean) => void
  /** From now on the issuer answers nothing, ever. */
  readonly hang: () => void
}

export type Fields = Readonly<Record<string, string>>

export const issuerUrl = 'https://id.test'

/** One issuer, trusted for tokens of the testkit. */
export const mainIssuer: IssuerConfig = {
  id: 'main',
  issuer: issuerUrl,
  audience: 'https://api.test',
}

/** A request as a dialect reads it. */
export const inquiryOf = ({
  fields = {},
  ...inquiry
}: Partial<Inquiry> & { readonly fields?: Fields }): Inquiry => ({
  method: 'GET',
  scheme: 'https',
  host: 'api.example',
  target: '/',
  header: (name) => fields[name],
  ...inquiry,
})

export const bearer = (token: string): Fields => ({ authorization: `Bearer ${token}` })

interface WorldOptions {
  readonly introspected?: Introspected
  readonly extension?: GatewayExtension
}

export function createGatewayWorld(
  config: Partial<GatewayConfig>,
  { introspected = () => undefined, extension = {} }: WorldOptions = {},
): GatewayWorld {
  const clock = createClock(1_800_000_000_000)
  const tokens = createTokenIssuer({ issuer: issuerUrl, algorithm: 'ES256', now: clock.now })
  const asked: string[] = []
  let state: 'well' | 'broken' | 'hanging' = 'well'
  const fetchFromIssuer: typeof fetch = async (input, init) => {
    const request = new Request(input, init)
    const { origin, pathname } = new URL(request.url)
    asked.push(pathname)
    if (state === 'broken') throw new TypeError('fetch failed')
    if (state === 'hanging') return new Promise(() => undefined)
    if (pathname === '/keys') return Response.json(tokens.jwks)
    if (pathname === '/introspect') {
      const form = new URLSearchParams(await request.text())
      return Response.json(introspected(form.get('token') ?? '') ?? { active: false })
    }
    return Response.json({
      issuer: origin,
      jwks_uri: `${origin}/keys`,
      introspection_endpoint: `${origin}/introspect`,
    })
  }
  const compiled = compile(
    {
      listen: [{ dialect: 'nginx', tcp: '127.0.0.1:0' }],
      issuers: [mainIssuer],
      routes: [{ path: '/**' }],
      ...config,
    },
    { fetch: fetchFromIssuer, now: clock.now, ...extension },
  )
  const check = createCheck(() => compiled, { now: clock.now })
  return {
    clock,
    tokens,
    asked,
    compiled,
    check,
    ask: async (inquiry) => check(inquiryOf(inquiry)),
    breakDown: (broken = true) => {
      state = broken ? 'broken' : 'well'
    },
    hang: () => {
      state = 'hanging'
    },
  }
}
