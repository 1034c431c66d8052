import { createPublicKey, verify } from 'node:crypto'
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { afterAll, describe, expect, test } from 'vitest'
import { createOkta } from './create.ts'

const okta = await createOkta({
  servers: { payments: { audience: 'https://pay.example' }, gone: { status: 'INACTIVE' } },
})
afterAll(() => okta.close())

const { org, servers } = okta
const payments = servers['payments'] ?? org
const get = async (url: string) => {
  const response = await fetch(url)
  const body: unknown = await response.json()
  return { response, body: { ...Object(body) } as Record<string, unknown> }
}
const openid = '.well-known/openid-configuration'
const oauth = '.well-known/oauth-authorization-server'

describe('discovery', () => {
  test.each([
    ['org, OpenID', `${okta.url}/${openid}`, org],
    ['org, OAuth', `${okta.url}/${oauth}`, org],
    ['custom, OpenID', `${servers.default.base}/${openid}`, servers.default],
    ['custom, OAuth', `${servers.default.base}/${oauth}`, servers.default],
    ['custom, RFC 8414', `${okta.url}/${oauth}/oauth2/default`, servers.default],
    ['another, OpenID', `${payments.base}/${openid}`, payments],
  ])('%s', async (_, url, server) => {
    const { response, body } = await get(url)
    expect(response.headers.get('cache-control')).toBe('max-age=86400, must-revalidate')
    expect(response.headers.get('x-rate-limit-limit')).toBeNull()
    expect(body).toMatchObject({
      issuer: server.issuer,
      token_endpoint: `${server.base}/v1/token`,
      jwks_uri: `${server.base}/v1/keys`,
    })
    const text = JSON.stringify(body)
    expect(text).not.toMatch(/primary-authenticate|\/challenge"|oob-authenticate/)
    expect(text).not.toContain('hidden')
    expect('userinfo_endpoint' in body).toBe(url.includes('openid'))
  })

  test('the org is its own issuer, its endpoints lie below /oauth2', () => {
    expect(org.issuer).toBe(okta.url)
    expect(org.base).toBe(`${okta.url}/oauth2`)
    expect(servers.default.issuer).toBe(`${okta.url}/oauth2/default`)
    expect(payments.id).toMatch(/^aus\w{17}$/)
  })

  test('published scopes are listed, others not', async () => {
    const { body } = await get(`${servers.default.base}/${openid}`)
    expect(body['scopes_supported']).toContain('orders:read')
    expect(body['scopes_supported']).not.toContain('hidden')
  })

  test.each(['unknown', 'gone'])('a server that is %s: 404 in the Okta envelope', async (name) => {
    const id = servers[name]?.id ?? name
    const { response, body } = await get(`${okta.url}/oauth2/${id}/${openid}`)
    expect(response.status).toBe(404)
    expect(body).toMatchObject({
      errorCode: 'E0000007',
      errorSummary: `Not found: Resource not found: ${id} (AuthorizationServer)`,
      errorCauses: [],
    })
    expect(body['errorId']).toMatch(/^oae\w{20}$/)
  })

  test('a wrong client_id: 400 in the Okta envelope, with a word for a code', async () => {
    const { response, body } = await get(`${servers.default.base}/${openid}?client_id=nobody`)
    expect(response.status).toBe(400)
    expect(body['errorCode']).toBe('invalid_client')
    const good = okta.app('web').clientId
    expect((await get(`${okta.url}/${openid}?client_id=${good}`)).response.status).toBe(200)
  })
})

describe('keys', () => {
  const kids = async (server = servers.default) => {
    const { body } = await get(`${server.base}/v1/keys`)
    const { keys }: { keys?: { kid: string }[] } = body
    return (keys ?? []).map(({ kid }) => kid)
  }

  test('each server has its own, and none of the others’', async () => {
    const sets = await Promise.all([org, servers.default, payments].map((server) => kids(server)))
    expect(new Set(sets.flat()).size).toBe(6)
    const { body } = await get(`${servers.default.base}/v1/keys`)
    expect(JSON.stringify(body)).not.toMatch(/"(d|p|q)":/)
  })

  test('a token of one server does not verify with the keys of another', async () => {
    const token = await okta.issueToken()
    const keysOf = (base: string) => createRemoteJWKSet(new URL(`${base}/v1/keys`))
    const mine = await jwtVerify(token, keysOf(servers.default.base))
    expect(mine.payload['iss']).toBe(servers.default.issuer)
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'RS256', kid: expect.any(String) })
    await expect(jwtVerify(token, keysOf(payments.base))).rejects.toThrow(/no applicable key/)
  })

  test('rotation: NEXT signs, ACTIVE stays for one more turn as EXPIRED, max-age shrinks', async () => {
    const { kid: before } = decodeProtectedHeader(await okta.issueToken())
    const statuses = () =>
      Object.fromEntries(servers.default.keys().map((key) => [key.kid, key.status]))
    expect(statuses()[before ?? '']).toBe('ACTIVE')
    const next = servers.default.keys().find(({ status }) => status === 'NEXT')?.kid
    await servers.default.rotateKeys()
    const { kid: after } = decodeProtectedHeader(await okta.issueToken())
    expect(after).toBe(next)
    expect(statuses()[before ?? '']).toBe('EXPIRED')
    expect(await kids()).toContain(before)
    await servers.default.rotateKeys()
    expect(await kids()).not.toContain(before)

    const maxAge = async () => {
      const { response } = await get(`${servers.default.base}/v1/keys`)
      return Number(/max-age=(\d+)/.exec(response.headers.get('cache-control') ?? '')?.[1])
    }
    const long = await maxAge()
    okta.clock.advance(long - 60)
    expect(await maxAge()).toBeLessThanOrEqual(60)
    const published = await kids()
    okta.clock.advance(120)
    expect(await maxAge()).toBeGreaterThan(60 * 60)
    expect(await kids()).not.toEqual(published)
  })

  test('the management API rotates too, for whoever has a token', async () => {
    const url = `${okta.url}/api/v1/authorizationServers/default/credentials/lifecycle/keyRotate`
    const sent = { method: 'POST', body: '{"use":"sig"}' }
    expect((await fetch(url, sent)).status).toBe(401)
    const response = await fetch(url, {
      ...sent,
      headers: { Authorization: 'SSWS okta-api-token' },
    })
    const keys: unknown = await response.json()
    expect(keys).toMatchObject([{ status: 'NEXT' }, { status: 'ACTIVE' }, { status: 'EXPIRED' }])
  })

  test('the management API describes a server', async () => {
    const url = `${okta.url}/api/v1/authorizationServers/default`
    const read = async () => {
      const response = await fetch(url, { headers: { Authorization: 'SSWS okta-api-token' } })
      return response.json()
    }
    const before = await read()
    const { issuer } = servers.default
    expect(before).toMatchObject({ id: 'default', issuer, audiences: ['api://default'] })
    expect(before).toMatchObject({
      issuerMode: 'ORG_URL',
      status: 'ACTIVE',
      _links: { self: { href: url } },
    })
    const times = [before.created, before.lastUpdated, before.credentials.signing.nextRotation]
    for (const time of times) expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    okta.clock.advance(60)
    await servers.default.rotateKeys()
    const { kid, lastRotated } = (await read()).credentials.signing
    expect(kid).not.toBe(before.credentials.signing.kid)
    expect(Date.parse(lastRotated)).toBeGreaterThan(
      Date.parse(before.credentials.signing.lastRotated),
    )
  })
})

describe('tokens of the org', () => {
  test('say what they are, and are signed by a key that nobody publishes', async () => {
    const form = { grant_type: 'password', username: 'alice', password: 'password' }
    const scope = 'openid profile email'
    const { body } = await okta.request(
      'token',
      { ...form, scope },
      { app: 'native', server: 'org' },
    )
    const access = String(body['access_token'])
    expect(decodeProtectedHeader(access)['typ']).toBe('application/okta-internal-at+jwt')
    expect(decodeJwt(access)).toMatchObject({
      iss: okta.url,
      aud: okta.url,
      sub: 'alice@example.com',
    })
    const { body: set } = await get(`${org.base}/v1/keys`)
    const { keys = [] }: { keys?: Record<string, unknown>[] } = set
    const [head = '', payload = '', signature = ''] = access.split('.')
    expect(keys.map(({ kid }) => kid)).not.toContain(decodeProtectedHeader(access).kid)
    for (const key of keys) {
      const isValid = verify(
        'sha256',
        Buffer.from(`${head}.${payload}`),
        createPublicKey({ key, format: 'jwk' }),
        Buffer.from(signature, 'base64url'),
      )
      expect(isValid).toBe(false)
    }
    const id = String(body['id_token'])
    const verified = await jwtVerify(id, createRemoteJWKSet(new URL(`${org.base}/v1/keys`)))
    expect(verified.payload).toMatchObject({
      sub: okta.user('alice').id,
      email: 'alice@example.com',
      name: 'Alice Example',
    })
    expect(verified.payload['given_name']).toBeUndefined()
  })
})

test('an org that shows more, or less', async () => {
  okta.settings.metadata = ({ base }) => ({
    backchannel_authentication_endpoint: `${base}/v1/bc/authorize`,
    registration_endpoint: undefined,
  })
  const { body } = await get(`${servers.default.base}/${openid}`)
  okta.settings.metadata = () => ({})
  expect(body['backchannel_authentication_endpoint']).toBe(
    `${servers.default.base}/v1/bc/authorize`,
  )
  expect('registration_endpoint' in body).toBe(false)
})

test('webfinger says which identity provider a login has', async () => {
  const { body } = await get(
    `${okta.url}/.well-known/webfinger?resource=okta:acct:alice&rel=okta:idp`,
  )
  expect(body).toMatchObject({ links: [{ properties: { 'okta:idp:type': 'OKTA' } }] })
})
