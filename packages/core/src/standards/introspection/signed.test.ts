import { createTokenIssuer } from '@portcullis/testkit'
import { describe, expect, test } from 'vitest'
import { outageOf, settle } from '../../../../../test/e2e/support/scene.ts'
import {
  active,
  createIntrospectionScene,
  issuer,
  start,
  type IntrospectionScene,
} from '../../../../../test/support/introspection-scene.ts'
import type { IntrospectionOptions } from './options.ts'

type Members = Readonly<Record<string, unknown>>

const type = 'token-introspection+jwt'
const good = { iss: issuer, aud: 'api', iat: start, token_introspection: active }

const answering = (
  claims: Members = {},
  header: Members = {},
  options: Partial<IntrospectionOptions> = { signed: true },
): IntrospectionScene => {
  const scene = createIntrospectionScene(options)
  const { tokens } = scene
  const jwt = tokens.sign(
    { alg: 'ES256', kid: tokens.kid, typ: type, ...header },
    { ...good, ...claims },
  )
  scene.sayBy(() => new Response(jwt, { headers: { 'content-type': `application/${type}` } }))
  return scene
}

// RFC 9701 §4, §5.
test('a signed answer is asked for and opened', async () => {
  const { verify, asked } = answering()
  expect(await verify()).toMatchObject({ subject: 'alice', claims: active })
  expect(asked[0]?.headers.get('accept')).toBe(`application/${type}`)
})

test('a signed answer is opened where none was asked for', async () => {
  const { verify, asked } = answering({}, {}, {})
  expect((await verify()).subject).toBe('alice')
  expect(asked[0]?.headers.get('accept')).toBe('application/json')
})

describe('a signed answer is an outage for its', () => {
  test.each<[string, Members, Members]>([
    ['issuer', { iss: 'https://evil.test' }, {}],
    ['missing issuer', { iss: undefined }, {}],
    ['audience, which is another client', { aud: 'other' }, {}],
    ['type, which is that of an access token', {}, { typ: 'at+jwt' }],
    ['missing type', {}, { typ: undefined }],
    ['missing time', { iat: undefined }, {}],
    ['time as a text', { iat: String(start) }, {}],
    ['time in the future', { iat: start + 6 }, {}],
    ['age', { iat: start - 66 }, {}],
    ['end', { exp: start - 5 }, {}],
    ['end as a text', { exp: String(start + 60) }, {}],
    ['beginning', { nbf: start + 6 }, {}],
    ['missing content', { token_introspection: undefined }, {}],
    ['content on the outside', { token_introspection: 'active', active: true }, {}],
    ['unknown key', {}, { kid: 'other' }],
    ['algorithm', {}, { alg: 'none' }],
    ['symmetric algorithm', {}, { alg: 'HS256' }],
  ])('%s', async (_, claims, header) => {
    const outage = await outageOf(() => answering(claims, header).verify('a-secret-token'))
    expect(outage).toMatchObject({ code: 'endpoint_failed', phase: 'content' })
    expect(outage.message).not.toContain('a-secret-token')
  })

  test('signature', async () => {
    const scene = answering()
    const other = createTokenIssuer({ issuer, algorithm: 'ES256' })
    const jwt = other.sign({ alg: 'ES256', kid: scene.tokens.kid, typ: type }, good)
    scene.sayBy(() => new Response(jwt, { headers: { 'content-type': `application/${type}` } }))
    expect((await outageOf(() => scene.verify())).message).toContain('signature')
  })

  test('algorithm, where the options name others', async () => {
    const { verify } = answering({}, {}, { signed: { algorithms: ['RS256'] } })
    expect((await outageOf(() => verify())).message).toContain("'ES256', which is not accepted")
  })
})

test('a plain answer is an outage where signed ones are demanded', async () => {
  const { verify } = createIntrospectionScene({ signed: true })
  const { message } = await outageOf(() => verify())
  expect(message).toContain('not signed')
  expect(message).not.toContain('ID token')
})

test('an end that is still to come, and a beginning that has been, are fine', async () => {
  expect((await answering({ exp: start - 4, nbf: start + 5 }).verify()).subject).toBe('alice')
})

test('what is inside is checked as ever', async () => {
  const inside = (said: Members) =>
    answering({ token_introspection: { ...active, ...said } }).verify
  await expect(inside({ active: false })()).rejects.toMatchObject({ code: 'token_revoked' })
  await expect(inside({ aud: 'x' })()).rejects.toMatchObject({ code: 'token_audience_refused' })
  expect((await outageOf(inside({ active: 'true' }))).code).toBe('endpoint_failed')
})

test('a health probe has the keys fetched too', async () => {
  const { verifier } = answering()
  expect(verifier.health?.()).toMatchObject([{ status: 'cold', ok: false }])
  await settle()
  expect(verifier.health?.()).toMatchObject([{ status: 'fresh', ok: true, keys: 1 }])
})

test('prewarm fetches the keys too, and health tells about them', async () => {
  const { verifier } = answering()
  expect(verifier.health?.()).toMatchObject([{ status: 'cold', ok: false }])
  await verifier.prewarm?.()
  expect(verifier.health?.()).toMatchObject([{ status: 'fresh', ok: true, keys: 1 }])
})
