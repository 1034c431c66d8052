import { describe, expect, test } from 'vitest'
import { rejection } from '../../../../../test/e2e/support/endpoints.ts'
import { bearer, createGrantScene, refusing } from '../../../../../test/support/grant-scene.ts'
import { ConfigurationError } from '../../errors/configuration.ts'
import { Outage } from '../../errors/outage.ts'

const begun = {
  device_code: 'd-1',
  user_code: 'ABCD-EFGH',
  verification_uri: 'https://id.test/activate',
  verification_uri_complete: 'https://id.test/activate?user_code=ABCD-EFGH',
  expires_in: 600,
  interval: 3,
}

const scene = (said: object = {}) => {
  const at = createGrantScene()
  at.say('/device', [200, { ...begun, ...said }])
  return at
}

// RFC 8628 §3.1, §3.2.
test('the request names us and what we want; the answer is for the person', async () => {
  const { client, last } = scene()
  const attempt = await client.deviceCode({ scope: 'openid orders:read', audience: 'orders' })
  expect(attempt).toMatchObject({
    userCode: 'ABCD-EFGH',
    verificationUri: begun.verification_uri,
    verificationUriComplete: begun.verification_uri_complete,
    expiresAt: 1_700_000_600,
    interval: 3,
  })
  expect(Object.fromEntries(last().form)).toEqual({
    client_id: 'robot',
    scope: 'openid orders:read',
    audience: 'orders',
  })
})

test('a link with the code in it need not be there', async () => {
  const { client } = scene({ verification_uri_complete: undefined })
  expect((await client.deviceCode()).verificationUriComplete).toBeUndefined()
})

// RFC 8628 §3.4.
test('a poll names the device code', async () => {
  const { client, last, say } = scene()
  const attempt = await client.deviceCode()
  say('/token', [200, bearer])
  await attempt.poll()
  expect(Object.fromEntries(last().form)).toEqual({
    grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    device_code: 'd-1',
  })
})

describe('an ID token that comes along', () => {
  const granted = async (idToken: (at: ReturnType<typeof scene>) => string) => {
    const at = scene()
    const attempt = await at.client.deviceCode({ scope: 'openid' })
    at.say('/token', [200, { ...bearer, id_token: idToken(at) }])
    return attempt.poll()
  }

  test('is checked, and its claims are given', async () => {
    expect(await granted((at) => at.idToken())).toMatchObject({
      status: 'granted',
      tokens: { claims: { sub: 'alice' } },
    })
  })

  test.each([
    ['another audience', (at: ReturnType<typeof scene>) => at.idToken({ aud: 'other' })],
    ['another signature', (at: ReturnType<typeof scene>) => `${at.idToken().slice(0, -8)}AAAAAAAA`],
    ['another hash', (at: ReturnType<typeof scene>) => at.idToken({ at_hash: 'x' })],
  ])('is refused for %s', async (_name, idToken) => {
    expect(await rejection(granted(idToken))).toMatchObject({ code: 'id_token_refused' })
  })
})

// They become links.
test.each(['javascript:alert(1)', 'http://id.test/activate', 'activate', 'https://a:b@id.test/'])(
  'an issuer that sends people to %s is answered by an outage',
  async (uri) => {
    for (const name of ['verification_uri', 'verification_uri_complete']) {
      // oxlint-disable-next-line no-await-in-loop
      const error = await rejection(scene({ [name]: uri }).client.deviceCode())
      expect(Outage.is(error)).toBe(true)
    }
  },
)

describe('the request is refused', () => {
  test.each(['unauthorized_client', 'invalid_client', 'invalid_scope'])(
    '%s: by our mistake',
    async (error) => {
      const { client, say } = scene()
      say('/device', refusing(error))
      const failed = await rejection(client.deviceCode())
      expect(failed).toBeInstanceOf(ConfigurationError)
      expect(String(failed)).toContain('device_authorization_endpoint')
    },
  )

  test('by nonsense', async () => {
    const { client, say } = scene()
    say('/device', [200, { device_code: 'secret-code' }])
    const failed = await rejection(client.deviceCode())
    expect(Outage.is(failed)).toBe(true)
    expect(String(failed)).not.toContain('secret-code')
  })
})

test('a wish with a misspelt member is a mistake', async () => {
  // From JavaScript anything may come.
  const failed = await rejection(scene().client.deviceCode({ scopes: 'a' } as object))
  expect(String(failed)).toContain('deviceCode.scopes is not an option; did you mean scope?')
})
