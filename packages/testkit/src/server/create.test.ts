import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest'
import { createAuthorizationServer } from './create.ts'

const spies = (['log', 'info', 'warn', 'error'] as const).map((name) => vi.spyOn(console, name))
const server = await createAuthorizationServer()
const api = 'https://api.test'

afterEach(() => server.faults.clear())
afterAll(() => server.close())

const keys = () => createRemoteJWKSet(new URL(`${server.issuer}/jwks`))
const json = async (url: string) => (await fetch(url)).json()
const kidOf = (token: string) => decodeProtectedHeader(token).kid

test('discovery names the issuer exactly, and every grant', async () => {
  const metadata = await json(`${server.issuer}/.well-known/openid-configuration`)
  expect(metadata).toMatchObject({ issuer: server.issuer, jwks_uri: `${server.issuer}/jwks` })
  expect(metadata.grant_types_supported).toEqual(
    expect.arrayContaining([
      'authorization_code',
      'refresh_token',
      'client_credentials',
      'implicit',
      'urn:ietf:params:oauth:grant-type:device_code',
      'urn:openid:params:grant-type:ciba',
    ]),
  )
  const other = await json(`${server.issuer}/.well-known/oauth-authorization-server`)
  expect(other.issuer).toBe(server.issuer)
})

test('a machine gets a genuine access token for the default resource', async () => {
  const token = await server.issueToken({ scope: 'orders:read' })
  const { payload, protectedHeader } = await jwtVerify(token, keys(), {
    issuer: server.issuer,
    audience: api,
  })
  expect(protectedHeader).toMatchObject({ typ: 'at+jwt', alg: 'RS256' })
  expect(payload).toMatchObject({ client_id: 'machine', scope: 'orders:read' })
  expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(300)
})

test('says why it issues nothing', async () => {
  await expect(server.issueToken({ resource: 'https://unknown.test' })).rejects.toThrow(
    'invalid_target',
  )
  await expect(server.issueToken({ client: 'web' })).rejects.toThrow('grant type is not allowed')
  await expect(server.issueToken({ client: 'nobody' })).rejects.toThrow(/no client 'nobody'/)
})

test('a client that is added later works at once', async () => {
  const machine = { grant_types: ['client_credentials'], response_types: [] }
  server.addClient({ client_id: 'late one', client_secret: 'a+b/c: %d', ...machine })
  const token = await server.issueToken({ client: 'late one' })
  expect(decodeJwt(token)['client_id']).toBe('late one')
  const posted = {
    client_id: 'poster',
    client_secret: 's',
    token_endpoint_auth_method: 'client_secret_post',
  }
  server.addClient({ ...posted, ...machine })
  expect(decodeJwt(await server.issueToken({ client: 'poster' }))['client_id']).toBe('poster')
})

test('requests are counted by endpoint', async () => {
  server.requests.reset()
  await server.issueToken()
  await json(`${server.issuer}/jwks`)
  await json(`${server.issuer}/.well-known/openid-configuration`)
  await fetch(`${server.issuer}/elsewhere`)
  await fetch(`${server.issuer}/device/authorize`, { method: 'POST' })
  const { of, total } = server.requests
  expect([
    of('token'),
    of('jwks'),
    of('discovery'),
    of('deviceAuthorization'),
    of('other'),
  ]).toEqual([1, 1, 1, 1, 1])
  expect([of('device'), of('authorization'), total()]).toEqual([0, 0, 5])
})

test('fields can be sent with an endpoint', async () => {
  const url = `${server.issuer}/jwks`
  server.setHeaders('jwks', { 'cache-control': 'max-age=600', age: '10' })
  const { headers } = await fetch(url)
  expect([headers.get('cache-control'), headers.get('age')]).toEqual(['max-age=600', '10'])
  server.setHeaders('jwks', {})
  expect((await fetch(url)).headers.get('cache-control')).toBeNull()
})

describe('keys', () => {
  test('rotate: the new one signs and is published first, the old one is still published', async () => {
    const before = await server.issueToken()
    await server.rotateKeys()
    const after = await server.issueToken()
    expect(kidOf(after)).not.toBe(kidOf(before))
    const published: string[] = (await json(`${server.issuer}/jwks`)).keys.map(
      ({ kid }: { kid: string }) => kid,
    )
    expect(published).toEqual(server.jwks.keys.map(({ kid }) => kid))
    expect(published.indexOf(kidOf(after) ?? '')).toBeLessThan(
      published.indexOf(kidOf(before) ?? ''),
    )
    await jwtVerify(before, keys())
    await jwtVerify(after, keys())
  })

  test('withdraw: what they signed verifies no more; the last one gets a successor', async () => {
    const before = await server.issueToken()
    await server.rotateKeys()
    await server.withdrawKey(kidOf(before) ?? '')
    await expect(jwtVerify(before, keys())).rejects.toThrow('no applicable key')
    for (const { kid, alg } of server.jwks.keys) {
      // oxlint-disable-next-line no-await-in-loop -- each withdrawal starts from the last
      if (alg === 'RS256') await server.withdrawKey(kid ?? '')
    }
    await jwtVerify(await server.issueToken(), keys())
    await expect(server.withdrawKey('unknown')).rejects.toThrow(/no key is called unknown/)
  })

  test('grants and refresh tokens survive a rotation', async () => {
    const grant_type = 'urn:openid:params:grant-type:ciba'
    const body = new URLSearchParams({ scope: 'openid', login_hint: 'alice' })
    const authorization = `Basic ${btoa('ciba:ciba-secret')}`
    const url = `${server.issuer}/backchannel`
    const begun = await (
      await fetch(url, { method: 'POST', body, headers: { authorization } })
    ).json()
    await server.rotateKeys()
    const first = await server.requestToken({ grant_type, auth_req_id: begun.auth_req_id }, 'ciba')
    await server.rotateKeys()
    const refresh_token = String(first.body['refresh_token'])
    const second = await server.requestToken({ grant_type: 'refresh_token', refresh_token }, 'ciba')
    expect(decodeJwt(String(second.body['id_token'])).sub).toBe('alice')
  })
})

describe('resources', () => {
  test('have an audience, a lifetime, an algorithm, and claims of their own', async () => {
    const orders = {
      scopes: ['a', 'b'],
      audience: 'api://orders',
      lifetime: 60,
      algorithm: 'PS512',
      claims: { tenant: 'acme' },
    } as const
    const one = await createAuthorizationServer({ resources: { 'https://orders.test': orders } })
    const token = await one.issueToken({ resource: 'https://orders.test', scope: 'a b' })
    expect(decodeProtectedHeader(token).alg).toBe('PS512')
    const { exp = 0, iat = 0, ...claims } = decodeJwt(token)
    expect(claims).toMatchObject({ aud: 'api://orders', tenant: 'acme', scope: 'a b' })
    expect(exp - iat).toBe(60)
    await one.close()
  })

  test('the default one can be switched off', async () => {
    const one = await createAuthorizationServer({ defaultResource: false })
    expect((await one.issueToken()).split('.')).toHaveLength(1)
    await one.close()
  })
})

test('an issuer can live below a path, and is found in all three ways', async () => {
  const one = await createAuthorizationServer({ path: '/oauth2/default' })
  expect(one.issuer).toBe(`${one.url}/oauth2/default`)
  const places = [
    '/oauth2/default/.well-known/openid-configuration',
    '/.well-known/oauth-authorization-server/oauth2/default',
    '/.well-known/openid-configuration/oauth2/default',
  ]
  const found = await Promise.all(places.map((place) => json(`${one.url}${place}`)))
  for (const metadata of found) {
    expect(metadata).toMatchObject({ issuer: one.issuer, jwks_uri: `${one.issuer}/jwks` })
  }
  expect((await fetch(`${one.url}/jwks`)).status).toBe(404)
  const token = await one.issueToken()
  await jwtVerify(token, createRemoteJWKSet(new URL(`${one.issuer}/jwks`)), { issuer: one.issuer })
  await one.close()
})

test('routes of your own go first', async () => {
  const one = await createAuthorizationServer({
    routes: ({ url }, response) => {
      if (url === '/broken') throw new Error('a bug in a route')
      if (url !== '/api/v1/authn') return false
      response.end('mine')
      return true
    },
  })
  expect(await (await fetch(`${one.url}/api/v1/authn`)).text()).toBe('mine')
  expect((await json(`${one.url}/jwks`)).keys.length).toBeGreaterThan(0)
  await expect(fetch(`${one.url}/broken`)).rejects.toThrow('fetch failed')
  expect(one.errors).toEqual([new Error('a bug in a route')])
  await one.close()
})

test('a port can be chosen; one that is taken is an error', async () => {
  const one = await createAuthorizationServer({ algorithms: [] })
  const port = Number(new URL(one.url).port)
  await expect(createAuthorizationServer({ port })).rejects.toThrow('EADDRINUSE')
  await one.close()
  const two = await createAuthorizationServer({ port })
  expect(two.url).toBe(one.url)
  await two.close()
})

test('refuses options that cannot work', async () => {
  await expect(createAuthorizationServer({ path: 'oauth2/' })).rejects.toThrow(/slash/)
  await expect(createAuthorizationServer({ signInAs: 'nobody' })).rejects.toThrow(
    /no user 'nobody'/,
  )
})

test('prints nothing, and nothing failed inside', () => {
  expect(spies.flatMap(({ mock }) => mock.calls)).toEqual([])
  expect(server.errors).toEqual([])
})
