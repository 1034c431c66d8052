import {
  backChannelLogout,
  createIssuer,
  memorySessions,
  Outage,
  Refusal,
  storedSessions,
  type HttpRequest,
  type LoginOptions,
  type OutageCode,
  type RefusalCode,
} from '@portcullis/core'
import { afterEach, describe, expect, test } from 'vitest'
import { createLoginClient } from '../../packages/core/src/client/client.ts'
import { outages, refusals, wireText } from '../../packages/core/src/errors/table.ts'
import { checkOrigin } from '../../packages/core/src/session/authenticator.ts'
import { createWorlds, demanding } from '../support/adversary.ts'
import { base, secret, type World } from '../support/login-world.ts'
import type { Lies } from '../support/lying-issuer.ts'

const worlds = createWorlds()
afterEach(worlds.end)

const request = (url: string, over: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'GET',
  url,
  header: (name) => (name === 'accept' ? 'text/html' : undefined),
  form: () => Promise.resolve(new URLSearchParams()),
  ...over,
})

const failureOf = ({ failures }: World): unknown => failures.at(-1)

const afterLies = async (lies: Lies, options?: Partial<LoginOptions>): Promise<unknown> => {
  const world = await worlds.build(options)
  world.issuer.lie(lies)
  await world.signIn()
  return failureOf(world)
}

const afterVisit = async (path: string, lies: Lies = {}): Promise<unknown> => {
  const world = await worlds.build()
  await world.signIn()
  world.issuer.lie(lies)
  world.clock.advance(400)
  await world.browser.open(path, { until: base })
  return failureOf(world)
}

const rejection = (act: () => unknown): Promise<unknown> =>
  Promise.resolve()
    .then(act)
    .then(
      () => Promise.reject(new Error('nothing was refused')),
      (error: unknown) => error,
    )

type LoginCode = Extract<
  RefusalCode,
  | `${'login' | 'logout' | 'session'}_${string}`
  | 'cross_site'
  | 'grant_refused'
  | 'id_token_refused'
>

// A code without a scenario does not compile: every refusal is one that a browser can meet.
const refused: Readonly<Record<LoginCode, () => Promise<unknown>>> = {
  session_ended: () => afterVisit('/token', { refresh: 'invalid-grant' }),
  cross_site: () =>
    rejection(() => {
      const header = (name: string) => (name === 'origin' ? 'https://evil.test' : undefined)
      checkOrigin(request(base, { method: 'POST', header }), new Set([base]))
    }),
  grant_refused: async () => {
    const { issuer } = await worlds.build()
    const client = createLoginClient({
      issuer: createIssuer({ issuer: issuer.url }),
      options: issuer.client,
      readSigned: () => Promise.reject(new Error('there is nothing to read')),
    })
    return rejection(() => client.refresh('a refresh token of nobody'))
  },
  login_host_unknown: async () => {
    const world = await worlds.build({ baseUrl: [base, 'https://other.test'] })
    await world.handler(request('https://evil.test/login'))
    return failureOf(world)
  },
  login_unknown: () => afterLies({ state: 'wrong' }),
  login_answer_invalid: () => afterLies({ state: 'missing' }),
  login_denied: () => afterLies({ error: { error: 'access_denied' } }),
  login_interaction_needed: () => afterLies({ error: { error: 'login_required' } }),
  login_unmet: () => afterLies({ acr: 'wrong' }, demanding),
  login_request_refused: () => afterLies({ error: { error: 'invalid_scope' } }),
  id_token_refused: () => afterLies({ nonce: 'wrong' }),
  logout_refused: () => afterVisit('/logout'),
  logout_token_refused: async () => {
    const seen: Refusal[] = []
    const door = backChannelLogout({ onRefused: (refusal) => void seen.push(refusal) })
    const world = await worlds.build({ doors: [door] })
    const form = () => Promise.resolve(new URLSearchParams({ logout_token: 'a.b.c' }))
    await world.handler(request(`${base}/backchannel-logout`, { method: 'POST', form }))
    return seen[0]
  },
}

describe.each(Object.entries(refused))('%s', (code, meet) => {
  test('is met, with its status, and says nothing of its reason to the client', async () => {
    const refusal = await meet()
    if (!Refusal.is(refusal)) throw refusal
    // The names of the record are the codes.
    const { status, error } = refusals[code as LoginCode]
    expect(refusal).toMatchObject({ code, status, message: wireText(status, error) })
    expect(refusal.reason.length).toBeGreaterThan(10)
  })
})

test.each(['session_ended', 'cross_site'] as const)(
  '%s comes from a guard, and tells the log which check it was',
  async (code) => {
    expect(await refused[code]()).toMatchObject({
      trail: { check: expect.stringMatching(/^(?:session|refresh|origin)$/) },
    })
  },
)

type LoginOutage = Extract<OutageCode, 'endpoint_failed' | 'store_failed'>

const failed: Readonly<Record<LoginOutage, () => Promise<unknown>>> = {
  endpoint_failed: () => afterLies({ token: 'error-500' }),
  store_failed: () => {
    const store = { ...memorySessions(), write: () => Promise.reject(new Error('out of memory')) }
    return afterLies({}, { sessions: storedSessions(store, { secrets: [secret] }) })
  },
}

describe.each(Object.entries(failed))('%s', (code, meet) => {
  test('is met where somebody else fails: 503 with Retry-After, and never a 401', async () => {
    const outage = await meet()
    if (!Outage.is(outage)) throw outage
    expect(outage).toMatchObject({ code, status: 503, expose: false })
    expect(outage.message).toContain(outages[code as LoginOutage])
    expect(outage.headers).toEqual({ 'Retry-After': expect.stringMatching(/^[1-9]\d*$/) })
  })
})
