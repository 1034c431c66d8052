import { ConfigurationError, forbidden, isPromise } from '@portcullis/core'
import { describe, expect, test } from 'vitest'
import {
  bearer,
  createGatewayWorld,
  inquiryOf,
  issuerUrl,
  mainIssuer,
} from '../../../test/support/gateway-world.ts'
import type { IntrospectionConfig, IssuerConfig } from './config/config.ts'

const client = { id: 'gateway', secret: 's3cret' }
const audience = 'https://api.test'
const asking = (introspection: Partial<IntrospectionConfig> = {}): IssuerConfig => ({
  ...mainIssuer,
  introspection: { client, ...introspection },
})
const other: IssuerConfig = { id: 'other', issuer: 'https://other.test', audience }
const good = { active: true, sub: 'opaque-user', aud: audience, exp: 1_800_000_300, scope: 'a' }
const introspected = (token: string) => (token === 'opaque' ? good : undefined)

const count = (asked: readonly string[], path: string): number =>
  asked.filter((one) => one === path).length

test('routes that trust the same issuers share what was fetched and verified', async () => {
  const { ask, check, tokens, asked } = createGatewayWorld({
    issuers: [mainIssuer, other],
    routes: [
      { path: '/a' },
      { path: '/b', rules: { scopes: ['x'] } },
      { path: '/c', issuers: ['main'] },
    ],
  })
  const fields = bearer(await tokens.issueToken())
  await ask({ target: '/a', fields })
  // The token is known there already, so that nothing is waited for.
  const second = check(inquiryOf({ target: '/b', fields }))
  expect(isPromise(second)).toBe(false)
  expect(second).toMatchObject({ code: 'scope_missing' })
  expect(await ask({ target: '/c', fields })).toMatchObject({ outcome: 'allowed' })
  expect(count(asked, '/keys')).toBe(1)
})

test('a route trusts the issuers that it names, and no others', async () => {
  const { ask, tokens } = createGatewayWorld({
    issuers: [mainIssuer, other],
    routes: [
      { path: '/main', issuers: ['main'] },
      { path: '/other', issuers: ['other'] },
    ],
  })
  const fields = bearer(await tokens.issueToken())
  expect(await ask({ target: '/main', fields })).toMatchObject({ outcome: 'allowed' })
  expect(await ask({ target: '/other', fields })).toMatchObject({
    status: 401,
    code: 'token_issuer_unknown',
  })
})

test('what is demanded of an issuer’s tokens is what the configuration says', async () => {
  const strict = createGatewayWorld({ issuers: [{ ...mainIssuer, algorithms: ['RS256'] }] })
  expect(await strict.ask({ fields: bearer(await strict.tokens.issueToken()) })).toMatchObject({
    code: 'token_algorithm_refused',
  })
  const young = createGatewayWorld({
    issuers: [{ ...mainIssuer, maxTokenAge: 10, clockTolerance: 0 }],
  })
  const token = await young.tokens.issueToken()
  young.clock.advance(11)
  expect(await young.ask({ fields: bearer(token) })).toMatchObject({ code: 'token_too_old' })
})

describe('introspection', () => {
  test('opaque: tokens that are no JWT are asked about, others are not', async () => {
    const world = createGatewayWorld({ issuers: [asking()] }, { introspected })
    expect(await world.ask({ fields: bearer('opaque') })).toMatchObject({
      outcome: 'allowed',
      principal: { subject: 'opaque-user' },
      freshFor: 0,
    })
    expect(await world.ask({ fields: bearer('unknown') })).toMatchObject({ code: 'token_revoked' })
    const asked = count(world.asked, '/introspect')
    await world.ask({ fields: bearer(await world.tokens.issueToken()) })
    expect([asked, count(world.asked, '/introspect')]).toEqual([2, 2])
  })

  test('always: a JWT is asked about too, and its keys say nothing', async () => {
    const world = createGatewayWorld({ issuers: [asking({ use: 'always' })] }, { introspected })
    const token = await world.tokens.issueToken()
    expect(await world.ask({ fields: bearer(token) })).toMatchObject({ code: 'token_revoked' })
    expect(count(world.asked, '/keys')).toBe(0)
  })

  test('always, beside an issuer that is not asked: each token goes to its own', async () => {
    const beside: IssuerConfig = { ...asking({ use: 'always' }), id: 'asked', issuer: other.issuer }
    const world = createGatewayWorld({ issuers: [mainIssuer, beside] }, { introspected })
    const mine = await world.tokens.issueToken()
    expect(await world.ask({ fields: bearer(mine) })).toMatchObject({ outcome: 'allowed' })
    expect(count(world.asked, '/introspect')).toBe(0)
    const theirs = await world.tokens.issueToken({ iss: other.issuer })
    expect(await world.ask({ fields: bearer(theirs) })).toMatchObject({ code: 'token_revoked' })
    expect(await world.ask({ fields: bearer('opaque') })).toMatchObject({ outcome: 'allowed' })
    expect(count(world.asked, '/introspect')).toBe(2)
  })

  test('also: a JWT must hold, and must be good at the issuer', async () => {
    let active = true
    const live = () => ({ ...good, active, iss: issuerUrl, sub: 'user-1' })
    const world = createGatewayWorld({ issuers: [asking({ use: 'also' })] }, { introspected: live })
    const token = await world.tokens.issueToken()
    expect(await world.ask({ fields: bearer(token) })).toMatchObject({ outcome: 'allowed' })
    active = false
    expect(await world.ask({ fields: bearer(token) })).toMatchObject({ code: 'token_revoked' })
    const asked = count(world.asked, '/introspect')
    expect(await world.ask({ fields: bearer('opaque') })).toMatchObject({ code: 'token_malformed' })
    expect(await world.ask({ fields: bearer(`${token}x`) })).toMatchObject({ status: 401 })
    expect(count(world.asked, '/introspect')).toBe(asked)
  })

  test('also, beside an issuer that is not asked: only its own tokens are', async () => {
    const beside: IssuerConfig = { ...asking({ use: 'also' }), id: 'asked', issuer: other.issuer }
    const world = createGatewayWorld({ issuers: [mainIssuer, beside] }, { introspected })
    const mine = await world.tokens.issueToken()
    expect(await world.ask({ fields: bearer(mine) })).toMatchObject({ outcome: 'allowed' })
    expect(count(world.asked, '/introspect')).toBe(0)
    const theirs = await world.tokens.issueToken({ iss: other.issuer })
    expect(await world.ask({ fields: bearer(theirs) })).toMatchObject({ code: 'token_revoked' })
    expect(count(world.asked, '/introspect')).toBe(1)
  })

  test('remembers answers where it is told to, for all routes together', async () => {
    const issuers = [asking({ cache: { ttl: 20 } })]
    const routes = [{ path: '/a' }, { path: '/b' }]
    const world = createGatewayWorld({ issuers, routes }, { introspected })
    await world.ask({ target: '/a', fields: bearer('opaque') })
    await world.ask({ target: '/b', fields: bearer('opaque') })
    expect(count(world.asked, '/introspect')).toBe(1)
    world.clock.advance(21)
    await world.ask({ target: '/b', fields: bearer('opaque') })
    expect(count(world.asked, '/introspect')).toBe(2)
  })

  test('an issuer that does not answer makes it unavailable, never denied', async () => {
    const world = createGatewayWorld({ issuers: [asking()] }, { introspected })
    world.breakDown()
    expect(await world.ask({ fields: bearer('opaque') })).toMatchObject({ outcome: 'unavailable' })
    const slow = createGatewayWorld({ issuers: [asking()], deadline: 0.02 }, { introspected })
    slow.hang()
    expect(await slow.ask({ fields: bearer('opaque') })).toMatchObject({ code: 'deadline_passed' })
  })
})

test('routes have names, audiences and methods', () => {
  const { compiled } = createGatewayWorld({
    identity: { token: { issuer: 'https://gw.test', audience: 'default' } },
    routes: [
      { path: '/a', methods: ['GET'] },
      { id: 'named', path: '/b', upstream: 'https://b.internal' },
      { path: '/c', allow: 'anonymous' },
    ],
  })
  expect(compiled.table.routes).toMatchObject([
    { id: 'route-1', upstream: 'default', methods: ['GET'], lasting: true },
    { id: 'named', upstream: 'https://b.internal' },
    { id: 'route-3', guard: undefined, lasting: false },
  ])
  const plain = createGatewayWorld({}).compiled
  expect(plain.table.routes).toMatchObject([{ upstream: undefined }])
  expect(plain).toMatchObject({ deadline: 0.15, preflight: false })
})

test('constraints of the program are asked on every route', async () => {
  const prove = () => {
    throw forbidden('not proven')
  }
  const extension = { constraints: [{ confirmation: 'jkt', prove }] }
  const { ask, tokens } = createGatewayWorld({}, { extension })
  const bound = await tokens.issueToken({ cnf: { jkt: 'x' } })
  expect(await ask({ fields: bearer(bound) })).toMatchObject({ status: 403 })
  const foreign = await tokens.issueToken({ cnf: { 'x5t#S256': 'x' } })
  expect(await ask({ fields: bearer(foreign) })).toMatchObject({ code: 'token_unbound' })
})

test('a rule that nobody gave is a mistake that shows at once', () => {
  const routes = [{ path: '/**', rules: { custom: ['missing'] } }]
  expect(() => createGatewayWorld({ routes })).toThrow(ConfigurationError)
})

test('prewarming fetches what the first request would wait for, and health tells how it went', async () => {
  const world = createGatewayWorld({ issuers: [mainIssuer, other] })
  expect(world.compiled.health()).toMatchObject({ ok: false })
  await world.compiled.prewarm()
  expect(world.compiled.health()).toEqual({
    ok: true,
    issuers: [
      { issuer: issuerUrl, ok: true, age: 0 },
      { issuer: other.issuer, ok: true, age: 0 },
    ],
  })
  const asked = world.asked.length
  const answer = world.check(inquiryOf({ fields: bearer(await world.tokens.issueToken()) }))
  expect(isPromise(answer)).toBe(false)
  expect(world.asked).toHaveLength(asked)
  const broken = createGatewayWorld({})
  broken.breakDown()
  await expect(broken.compiled.prewarm()).rejects.toMatchObject({ name: 'Outage' })
})

test('a configuration without issuers serves anonymous routes', async () => {
  const { ask, compiled } = createGatewayWorld({
    issuers: [],
    routes: [{ path: '/**', allow: 'anonymous' }],
  })
  expect(await ask({})).toMatchObject({ outcome: 'allowed', principal: undefined })
  expect(compiled.health()).toEqual({ ok: true, issuers: [] })
  await compiled.close()
})
