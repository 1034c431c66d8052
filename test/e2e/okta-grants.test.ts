import { createClient, createGuard, privateKeyJwt, type ClientSettings } from '@portcullis/core'
import { apiIssuer, okta, oktaIssuer } from '@portcullis/okta'
import { createOkta, type Okta } from '@portcullis/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let org: Okta
beforeAll(async () => {
  org = await createOkta({
    servers: { payments: { trustedServers: ['default'] } },
    apps: { keyed: { authentication: 'private_key_jwt' } },
  })
})
afterAll(() => org?.close())

const person = { username: 'alice@example.com', password: 'password' }
const legacyPasswordGrant = 'exposes-passwords-to-this-application'

/** A client that does not really sleep between its polls. */
const clientOf = (app: string, server = 'default', more: Partial<ClientSettings> = {}) => {
  const { clientId: id, clientSecret: secret } = org.app(app)
  const at = server === 'org' ? org.url : org.servers[server]?.issuer
  return createClient({
    issuer: at ?? '',
    client: { id, ...(secret !== undefined && { secret }) },
    sleep: () => Promise.resolve(),
    ...more,
  })
}
/** The claims that an API sees. */
async function claimsAt(issuer: string, audience: string, accessToken: string) {
  const verdict = await createGuard({ issuer, audience }).check({
    method: 'GET',
    url: 'https://api.example.com/orders',
    header: (name) => (name === 'authorization' ? `Bearer ${accessToken}` : undefined),
    form: () => Promise.resolve(new URLSearchParams()),
  })
  if (!verdict.granted) throw new Error(verdict.refusal.reason)
  return verdict.principal?.claims
}

describe('createClient at Okta', () => {
  it('gets a token for a machine, which an API takes although nobody is in it', async () => {
    const { accessToken } = await clientOf('service').clientCredentials({ scope: 'orders:read' })
    const server = okta({ domain: org.url, authorizationServer: 'default' })
    const claims = await claimsAt(apiIssuer(server), 'api://default', accessToken)
    expect(claims).toMatchObject({ cid: org.app('service').clientId, scp: ['orders:read'] })
    expect(claims).not.toHaveProperty('uid')
  })

  it('trades a password, asks who it is, refreshes, introspects and revokes', async () => {
    const client = clientOf('native', 'default', { legacyPasswordGrant })
    const { id } = org.user('alice')
    const scope = 'openid profile offline_access'
    const { accessToken, refreshToken = '', claims } = await client.password({ ...person, scope })
    expect(claims).toMatchObject({ sub: id })
    expect(await client.userinfo(accessToken, id)).toHaveProperty(
      'preferred_username',
      person.username,
    )
    const again = await client.refresh(refreshToken, { subject: id })
    expect(again.accessToken).not.toBe(accessToken)
    expect(await client.introspect(again.accessToken)).toMatchObject({ active: true })
    await client.revoke(again.accessToken, 'access_token')
    expect(await client.introspect(again.accessToken)).toMatchObject({ active: false })
  })

  it('waits for a device', async () => {
    const attempt = await clientOf('native').deviceCode({ scope: 'openid' })
    org.answerDevice(attempt.userCode, 'alice')
    const outcome = await attempt.wait()
    expect(outcome).toMatchObject({
      status: 'granted',
      tokens: { claims: { sub: org.user('alice').id } },
    })
  })

  it('asks somebody on their phone, though the metadata do not say where', async () => {
    const wish = { scope: 'openid', loginHint: 'alice' }
    await expect(clientOf('web').ciba(wish)).rejects.toThrow(
      'name no backchannel_authentication_endpoint',
    )
    const issuer = oktaIssuer(okta({ domain: org.url, authorizationServer: 'default' }))
    const pending = await clientOf('web', 'default', { issuer }).ciba(wish)
    org.phone('alice').approve()
    expect(await pending.wait()).toMatchObject({
      status: 'granted',
      tokens: { claims: { sub: org.user('alice').id } },
    })
  })

  describe('with a key, whose assertion must name the endpoint that is asked', () => {
    const keyed = (audience?: (endpoint: string) => string) => {
      const { clientId: id, key } = org.app('keyed')
      if (key === undefined) throw new Error('the app has no key')
      const { privateKey, kid } = key
      const authentication = privateKeyJwt({ key: privateKey, kid, ...(audience && { audience }) })
      const issuer = oktaIssuer(okta({ domain: org.url, authorizationServer: 'default' }))
      return clientOf('keyed', 'default', { issuer, client: { id, authentication } })
    }

    it('asks each endpoint by an assertion of its own', async () => {
      const client = keyed((endpoint) => endpoint)
      const pending = await client.ciba({ scope: 'openid', loginHint: 'alice' })
      org.phone('alice').approve()
      const outcome = await pending.wait()
      if (outcome.status !== 'granted') throw new Error(outcome.status)
      const { accessToken } = outcome.tokens
      expect(await client.introspect(accessToken)).toMatchObject({ active: true })
      await client.revoke(accessToken, 'access_token')
      expect(await client.introspect(accessToken)).toMatchObject({ active: false })
    })

    it('is refused where the assertion is for the issuer', async () => {
      await expect(keyed().clientCredentials({ scope: 'orders:read' })).rejects.toThrow(
        'must be the endpoint invoked',
      )
    })
  })

  it('acts on behalf of whoever called', async () => {
    const { accessToken } = await clientOf('native', 'default', {
      legacyPasswordGrant,
    }).password({ ...person, scope: 'openid' })
    const exchanged = await clientOf('service', 'payments').onBehalfOf(accessToken, {
      audience: 'api://payments',
      scope: 'orders:read',
    })
    const issuer = org.servers['payments']?.issuer ?? ''
    const claims = await claimsAt(issuer, 'api://payments', exchanged.token)
    expect(claims).toMatchObject({ uid: org.user('alice').id, cid: org.app('service').clientId })
  })
})
