import { describe, expect, test } from 'vitest'
import { rejection } from '../../../../../test/e2e/support/endpoints.ts'
import { bearer, createGrantScene, refusing } from '../../../../../test/support/grant-scene.ts'
import { ConfigurationError } from '../../errors/configuration.ts'
import type { CibaWish } from './ciba.ts'

const scene = () => {
  const at = createGrantScene()
  at.say('/backchannel', [200, { auth_req_id: 'q-1', expires_in: 300, interval: 2 }])
  return at
}

// OpenID Connect CIBA Core §7.1.
test('the request says who is meant, and what they are shown', async () => {
  const { client, last } = scene()
  const pending = await client.ciba({
    loginHint: 'alice',
    bindingMessage: 'till 7',
    userCode: '1234',
    acrValues: 'high',
    expiry: 120,
    scope: 'openid pay',
  })
  expect(pending).toMatchObject({ expiresAt: 1_700_000_300, interval: 2 })
  expect(Object.fromEntries(last().form)).toEqual({
    client_id: 'robot',
    scope: 'openid pay',
    login_hint: 'alice',
    binding_message: 'till 7',
    user_code: '1234',
    acr_values: 'high',
    requested_expiry: '120',
  })
})

test.each<[CibaWish, string]>([
  [{ loginHintToken: 't' }, 'login_hint_token'],
  [{ idTokenHint: 't' }, 'id_token_hint'],
])('%j is a hint as well, and openid the scope', async (wish, name) => {
  const { client, last } = scene()
  await client.ciba(wish)
  expect(Object.fromEntries(last().form)).toEqual({
    client_id: 'robot',
    scope: 'openid',
    [name]: 't',
  })
})

// §10.1.
test('a poll names the request', async () => {
  const { client, last, say, idToken, slept } = scene()
  const pending = await client.ciba({ loginHint: 'alice' })
  say('/token', refusing('authorization_pending'), [200, { ...bearer, id_token: idToken() }])
  expect(await pending.wait()).toMatchObject({
    status: 'granted',
    tokens: { accessToken: 'a-1', claims: { sub: 'alice' } },
  })
  expect(slept).toEqual([2, 2])
  expect(Object.fromEntries(last().form)).toEqual({
    grant_type: 'urn:openid:params:grant-type:ciba',
    auth_req_id: 'q-1',
  })
})

describe('a mistake', () => {
  test.each<[CibaWish, string]>([
    [{}, 'exactly one'],
    [{ loginHint: 'a', idTokenHint: 'b' }, 'exactly one'],
    [{ loginHint: 'a', scope: 'pay' }, 'openid'],
    [{ loginHint: 'a', expiry: 0.5 }, 'expiry'],
  ])('%j is seen before anybody is asked', async (wish, text) => {
    const { client, asked } = scene()
    const error = await rejection(client.ciba(wish))
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(String(error)).toContain(text)
    expect(asked).toEqual([])
  })
})

// §13: about the person, and so no mistake of the programmer.
test.each(['unknown_user_id', 'expired_login_hint_token', 'invalid_user_code', 'access_denied'])(
  '%s is a refusal with its name in the trail',
  async (error) => {
    const { client, say } = scene()
    say('/backchannel', refusing(error))
    expect(await rejection(client.ciba({ loginHint: 'nobody' }))).toMatchObject({
      code: 'grant_refused',
      trail: { presented: error },
    })
  },
)
