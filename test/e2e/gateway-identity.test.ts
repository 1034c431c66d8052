import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import { createGuard, Refusal } from '@portcullis/core'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createIdentity } from '../../packages/gateway/src/identity/create.ts'
import {
  createSigningKeys,
  exportSigningKeys,
  publishedAhead,
} from '../../packages/gateway/src/identity/signing-keys.ts'
import { request, routeTo, start } from '../support/gateway-caller.ts'
import { ask, createIdentityWorld, orders, type IdentityWorld } from './support/identity-world.ts'

const route = routeTo(orders)
const reasons = ({ errors }: IdentityWorld): string[] =>
  errors.map((error) => (Refusal.is(error) ? error.code : String(error)))

let world: IdentityWorld
beforeEach(async () => {
  world = await createIdentityWorld()
})
afterEach(async () => {
  await world.close()
  vi.restoreAllMocks()
})

describe.each(['express', 'koa'] as const)('behind the gateway, %s', (host) => {
  const fieldsFor = async (claims: Readonly<Record<string, unknown>> = {}, to = route) =>
    world.identity.fields(await world.caller(claims), to)

  test('knows the caller by the internal token', async () => {
    const claims = { sub: 'alice', scope: 'orders:read orders:write', tenant: 'acme' }
    const { status, body } = await ask(world.upstreams[host], await fieldsFor(claims))
    expect(status).toBe(200)
    expect(JSON.parse(body)).toMatchObject({
      subject: 'alice',
      client: 'client-1',
      scopes: ['orders:read', 'orders:write'],
      claims: { iss: world.admin.url, tenant: 'acme', subject_issuer: world.issuer.issuer },
    })
  })

  test('goes by the scopes of the client', async () => {
    const write = await fieldsFor({ scope: 'orders:write' })
    expect(await ask(world.upstreams[host], write, '/write')).toMatchObject({ status: 200 })
    const read = await fieldsFor({ scope: 'orders:read' })
    expect(await ask(world.upstreams[host], read, '/write')).toMatchObject({ status: 403 })
  })

  test('knows a machine by its client', async () => {
    const { body } = await ask(world.upstreams[host], await fieldsFor({ sub: undefined }))
    expect(JSON.parse(body)).toMatchObject({ subject: 'client-1', client: 'client-1' })
  })

  test('refuses a token for another upstream', async () => {
    const fields = await fieldsFor({}, routeTo('https://stock.internal'))
    expect(await ask(world.upstreams[host], fields)).toMatchObject({ status: 401 })
    expect(reasons(world)).toContain('token_audience_refused')
  })

  test('refuses a token that has ended', async () => {
    const fields = await fieldsFor()
    world.clock.advance(66)
    expect(await ask(world.upstreams[host], fields)).toMatchObject({ status: 401 })
    expect(reasons(world)).toContain('token_expired')
  })

  test('refuses whoever brings none, and a field that says who it is', async () => {
    const claimed = [['X-Auth-Subject', 'admin']] as const
    for (const fields of [[], claimed]) {
      const { status, challenge } = await ask(world.upstreams[host], fields)
      expect(status).toBe(401)
      expect(challenge).toBe('Bearer')
    }
  })

  test('refuses the empty fields of an anonymous request', async () => {
    const { status, body } = await ask(
      world.upstreams[host],
      world.identity.fields(undefined, route),
    )
    // What was sent is an Authorization field without credentials; some gateways do not send it at all.
    expect([400, 401]).toContain(status)
    expect(body).not.toContain('subject')
  })

  test('refuses the client’s own token', async () => {
    const own = await world.issuer.issueToken({ aud: orders })
    const fields = [['Authorization', `Bearer ${own}`]] as const
    expect(await ask(world.upstreams[host], fields)).toMatchObject({ status: 401 })
    expect(reasons(world)).toContain('token_issuer_unknown')
  })

  test('refuses what another key signed, by its own name or by ours', async () => {
    const { now } = world.clock
    const others = createSigningKeys({ now })
    const ours = world.signingKeys.current().kid
    const named = { ...others, current: () => ({ ...others.current(), kid: ours }) }
    for (const signingKeys of [others, named]) {
      const forger = createIdentity({ token: { issuer: world.admin.url } }, { signingKeys, now })
      const fields = forger.fields(await world.caller({ sub: 'admin' }), route)
      expect(await ask(world.upstreams[host], fields)).toMatchObject({ status: 401 })
    }
    expect(reasons(world)).toEqual(
      expect.arrayContaining(['token_key_unknown', 'token_signature_invalid']),
    )
  })

  test('goes on through a change of keys without one refusal', async () => {
    const signers = new Set<string>()
    // From before the next key is published until after the old one is gone, in steps of a token's life.
    world.clock.advance(86_400 - publishedAhead - 120)
    for (let passed = 0; passed < publishedAhead + 600; passed += 40) {
      const fields = await fieldsFor()
      signers.add(world.signingKeys.current().kid)
      expect(await ask(world.upstreams[host], fields)).toMatchObject({ status: 200 })
      world.clock.advance(40)
    }
    expect(signers.size).toBe(2)
    expect(world.signingKeys.published().keys).toHaveLength(1)
    expect(world.fetches()).toBeLessThan(20)
  })

  test('goes on after the gateway was restarted with new keys', async () => {
    expect(await ask(world.upstreams[host], await fieldsFor())).toMatchObject({ status: 200 })
    world.clock.advance(30)
    const fields = world.restart().fields(await world.caller(), route)
    expect(await ask(world.upstreams[host], fields)).toMatchObject({ status: 200 })
  })

  test('meets the whole profile of RFC 9068', async () => {
    const { now } = world.clock
    const guard = createGuard({
      issuer: world.admin.url,
      audience: orders,
      now,
      profile: 'rfc9068',
    })
    const [[, authorization] = ['', '']] = await fieldsFor()
    const verdict = await guard.check(request('https://orders.internal/', { authorization }))
    expect(verdict.granted).toBe(true)
  })
})

test('no token stands in an error or a log', async () => {
  const shown: unknown[] = []
  for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const)
    vi.spyOn(console, method).mockImplementation((...of) => void shown.push(...of))
  const texts: string[] = []
  const wrong = world.identity.fields(await world.caller(), routeTo('https://stock.internal'))
  for (const upstream of Object.values(world.upstreams)) {
    const { body, challenge } = await ask(upstream, wrong)
    texts.push(body, challenge)
  }
  const late = await world.caller({ exp: start + 1 })
  try {
    world.identity.fields(late, route)
  } catch (error) {
    world.errors.push(error)
  }
  expect(world.errors.length).toBeGreaterThan(2)
  for (const what of [...world.errors, ...shown, world.identity, world.signingKeys, ...texts])
    expect(inspect(what, { depth: 9, showHidden: true })).not.toMatch(/eyJ|"?\bd"?: ?['"]/)
})

test('two processes that share keys accept each other’s tokens', async () => {
  const { identity, signingKeys, admin, clock } = world
  const set = exportSigningKeys(signingKeys)
  const shared = JSON.stringify({ set, issuer: admin.url, audience: orders, now: clock.now() })
  const script = fileURLToPath(new URL('support/identity-process.mjs', import.meta.url))
  const child = fork(script, [shared], { execArgv: [], stdio: 'inherit' })
  try {
    await once(child, 'message')
    const [[, field] = ['', '']] = identity.fields(await world.caller({ sub: 'alice' }), route)
    child.send({ field })
    const [told] = await once(child, 'message')
    expect(told.subject).toBe('alice')
    const answer = await ask(world.upstreams.express, [['Authorization', told.field]])
    expect(answer.status).toBe(200)
    expect(JSON.parse(answer.body)).toMatchObject({ subject: 'from the worker' })
  } finally {
    child.disconnect()
  }
})
