import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import { createGuard, type Guard, type OneIssuer, type Rule } from '@portcullis/core'
import { listenOnLoopback } from '../server/loopback.ts'
import { createTokenIssuer, type TokenIssuer } from '../token-issuer.ts'
import type { AdapterUnderTest, Capability, Reading, Runner, Setup } from './adapter.ts'
import { exchange, type Received, type Sent } from './exchange.ts'

/** What the properties of one adapter share. */
export interface Bench extends Runner {
  readonly issuer: TokenIssuer
  readonly can: (capability: Capability) => boolean
  /** A guard that trusts the issuer. */
  readonly guard: (options?: Partial<OneIssuer>) => Guard
  /** A field with a good token. */
  readonly bearer: (claims?: Readonly<Record<string, unknown>>) => Promise<Field>
  /** The application, for servers of another kind. */
  readonly listenerOf: (wish: Wish) => RequestListener
  /** Serves the application while the body runs. */
  readonly serving: (wish: Wish, body: (site: Site) => Promise<void>) => Promise<void>
}

export type Field = readonly [name: string, value: string]

export type Wish = Partial<Setup>

/** A running application. */
export interface Site {
  readonly url: string
  readonly send: (sent?: Sent) => Promise<Received>
  /** How often the guarded route was reached. */
  readonly reached: () => number
}

export function createBench(adapter: AdapterUnderTest, runner: Runner): Bench {
  const issuer = createTokenIssuer({ algorithm: 'ES256' })
  const guard = (options: Partial<OneIssuer> = {}) =>
    createGuard({ ...issuer.guardOptions, ...options })
  return {
    describe: runner.describe,
    it: runner.it,
    issuer,
    can: (capability) => !(adapter.lacks ?? []).includes(capability),
    guard,
    bearer: async (claims) => ['Authorization', `Bearer ${await issuer.issueToken(claims)}`],
    listenerOf: (wish) => adapter.createApp({ guard: guard(), ...plain, ...wish }),
    serving: (wish, body) => serve(adapter, { guard: guard(), ...plain, ...wish }, body),
  }
}

const describeCaller = ({ principal }: Reading): unknown => principal()

const plain = {
  rules: [],
  answer: describeCaller,
  mount: '',
  proxy: false,
  parsedBody: false,
  sendFirst: false,
}

async function serve(
  adapter: AdapterUnderTest,
  setup: Setup,
  body: (site: Site) => Promise<void>,
): Promise<void> {
  let reached = 0
  const answer = (reading: Reading): unknown => {
    reached++
    return setup.answer(reading)
  }
  const listener = adapter.createApp({ ...setup, answer })
  const { url, close } = await listenOnLoopback(listener)
  try {
    await body({ url, send: (sent = {}) => exchange(url, sent), reached: () => reached })
  } finally {
    await close()
  }
}

/** Exactly one challenge field, or a failed assertion. */
export function challengeOf(received: Received): string {
  const fields = received.field('www-authenticate')
  assert.equal(fields.length, 1, `one WWW-Authenticate, not ${JSON.stringify(fields)}`)
  return fields[0] ?? ''
}

/** A rule that remembers the URLs it saw, as the core was told them. */
export function watchUrls(): { readonly rule: Rule; readonly seen: readonly string[] } {
  const seen: string[] = []
  return { seen, rule: (_, { url }) => void seen.push(url) }
}
