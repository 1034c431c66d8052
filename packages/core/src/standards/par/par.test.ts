import { generateKeyPairSync } from 'node:crypto'
import { createAuthorizationServer } from '@portcullis/testkit'
import type { JWK } from 'jose'
import { afterAll, describe, expect, test } from 'vitest'
import {
  createClientScene,
  createEndpoints,
  rejection,
} from '../../../../../test/e2e/support/endpoints.ts'
import { arrive, begin, registeredAt, signIn } from '../../../../../test/e2e/support/sign-in.ts'
import { ConfigurationError } from '../../errors/configuration.ts'
import { plain } from '../../login/delivery.ts'
import { jar } from '../jar/jar.ts'
import { par, type ParOptions } from './par.ts'

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
// What Node exports is a JWK.
const key: JWK = { ...(pair.privateKey.export({ format: 'jwk' }) as JWK), kid: 'k-1' }
const endpoints = await createEndpoints()
const server = await createAuthorizationServer({ algorithms: [] })
afterAll(async () => {
  await server.close()
  await endpoints.close()
})

const { client } = createClientScene(endpoints.url, { id: 'web', secret: 's' })
const endpoint = new URL('https://id.test/authorize?tenant=a')
const parameters = new URLSearchParams({ response_type: 'code', state: 's-1' })
endpoints.answer('/par', { status: 201, body: { request_uri: 'urn:x:1 2', expires_in: 60 } })

test('§2.1, §4: the request is pushed, and the URL holds its reference and nothing else', async () => {
  const url = await par()({ client, endpoint, parameters })
  expect(Object.fromEntries(url.searchParams)).toEqual({
    tenant: 'a',
    client_id: 'web',
    request_uri: 'urn:x:1 2',
  })
  expect(Object.fromEntries(endpoints.last().form)).toEqual({
    client_id: 'web',
    response_type: 'code',
    state: 's-1',
  })
  expect(endpoint.searchParams.has('request_uri')).toBe(false)
})

test('§3: a signed request travels in place of the parameters', async () => {
  const url = await par({ request: jar({ key }) })({ client, endpoint, parameters })
  expect([...url.searchParams.keys()]).toEqual(['tenant', 'client_id', 'request_uri'])
  const { form } = endpoints.last()
  expect([...form.keys()].toSorted()).toEqual(['client_id', 'request'])
})

test('what cannot be pushed is delivered in no other way', async () => {
  endpoints.answer('/par', { status: 503 })
  const error = await rejection(par()({ client, endpoint, parameters }))
  expect(error).toMatchObject({ code: 'endpoint_failed' })
})

test.each([{ request: plain }, { request: {} }, { more: 1 }])('%j is a mistake', (options) => {
  // From JavaScript anything may come.
  expect(() => par(options as ParOptions)).toThrow(ConfigurationError)
})

describe('a real server', () => {
  const registered = {
    grant_types: ['authorization_code'],
    require_pushed_authorization_requests: true,
    jwks: { keys: [{ ...pair.publicKey.export({ format: 'jwk' }), kid: 'k-1', use: 'sig' }] },
  }
  server.addClient({ client_id: 'pushing', client_secret: 's', ...registered })
  server.addClient({
    ...registered,
    client_id: 'both',
    client_secret: 's',
    require_signed_request_object: true,
  })

  test('takes it, and takes nothing else', async () => {
    const at = registeredAt(server, { id: 'pushing', secret: 's' })
    expect((await signIn(at, {}, par())).claims).toHaveProperty('sub', 'alice')
    const attempt = await begin(at)
    const { searchParams } = await arrive(attempt.url)
    expect(searchParams.get('error')).toBe('invalid_request')
  })

  test('takes it signed', async () => {
    const at = registeredAt(server, { id: 'both', secret: 's' })
    const deliver = par({ request: jar({ key }) })
    expect((await signIn(at, {}, deliver)).claims).toHaveProperty('sub', 'alice')
    expect(await rejection(signIn(at, {}, par()))).toMatchObject({
      code: 'login_request_refused',
    })
  })

  test('says at once what it refuses', async () => {
    const at = registeredAt(server, { id: 'pushing', secret: 's' })
    const wrong = { redirect_uri: 'https://evil.test/' }
    expect(await rejection(signIn(at, wrong, par()))).toMatchObject({
      code: 'login_request_refused',
      trail: { presented: 'invalid_request' },
    })
    const unknown = registeredAt(server, { id: 'pushing', secret: 'wrong' })
    expect(await rejection(signIn(unknown, {}, par()))).toBeInstanceOf(ConfigurationError)
  })
})
