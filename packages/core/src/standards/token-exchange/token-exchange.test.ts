import { describe, expect, test } from 'vitest'
import { rejection } from '../../../../../test/e2e/support/endpoints.ts'
import { bearer, createGrantScene, refusing } from '../../../../../test/support/grant-scene.ts'
import { ConfigurationError } from '../../errors/configuration.ts'
import { Outage } from '../../errors/outage.ts'
import type { ExchangeWish } from './token-exchange.ts'

const type = (name: string) => `urn:ietf:params:oauth:token-type:${name}`
const grant_type = 'urn:ietf:params:oauth:grant-type:token-exchange'

const scene = (said: object = { issued_token_type: type('access_token') }) => {
  const at = createGrantScene()
  at.say('/token', [200, { ...bearer, ...said }])
  return at
}

// RFC 8693 §2.1, §2.2.1.
test('a token is traded for another API, on behalf of its owner', async () => {
  const { client, last } = scene()
  const got = await client.onBehalfOf('theirs', { audience: 'billing', scope: 'bills:read' })
  expect(got).toEqual({
    token: 'a-1',
    tokenType: 'bearer',
    issuedTokenType: type('access_token'),
    expiresIn: 300,
    expiresAt: 1_700_000_300,
    scope: undefined,
    refreshToken: undefined,
  })
  expect(Object.fromEntries(last().form)).toEqual({
    grant_type,
    subject_token: 'theirs',
    subject_token_type: type('access_token'),
    audience: 'billing',
    scope: 'bills:read',
  })
})

test('an actor, other kinds of token, and several targets', async () => {
  const { client, last } = scene()
  const audience = ['a', 'b']
  await client.tokenExchange({
    subjectToken: 's',
    subjectTokenType: 'id_token',
    actorToken: 'x',
    actorTokenType: 'urn:x-oath:params:oauth:token-type:device-secret',
    requestedTokenType: 'jwt',
    audience,
  })
  const { form } = last()
  expect(form.getAll('audience')).toEqual(audience)
  form.delete('audience')
  expect(Object.fromEntries(form)).toEqual({
    grant_type,
    subject_token: 's',
    subject_token_type: type('id_token'),
    actor_token: 'x',
    actor_token_type: 'urn:x-oath:params:oauth:token-type:device-secret',
    requested_token_type: type('jwt'),
  })
})

test('an actor is shown by an access token unless said otherwise', async () => {
  const { client, last } = scene()
  await client.tokenExchange({ subjectToken: 's', actorToken: 'x' })
  expect(last().form.get('actor_token_type')).toBe(type('access_token'))
})

// §2.2.1: "N_A" where the token is not an access token.
test('what is no access token says so', async () => {
  const { client } = scene({ token_type: 'N_A', issued_token_type: type('id-jag') })
  expect(await client.tokenExchange({ subjectToken: 's' })).toMatchObject({
    tokenType: 'n_a',
    issuedTokenType: type('id-jag'),
  })
})

test.each([[{}], [{ issued_token_type: 7 }]])(
  'an issuer may leave the type out: %j',
  async (said) => {
    const { client } = scene(said)
    expect((await client.tokenExchange({ subjectToken: 's' })).issuedTokenType).toBeUndefined()
  },
)

test('a type of token that nobody knows is nonsense', async () => {
  const { client } = scene({ token_type: 'mac' })
  const error = await rejection(client.tokenExchange({ subjectToken: 's' }))
  expect(Outage.is(error)).toBe(true)
})

describe('a mistake', () => {
  test.each<[object, string]>([
    [{ subjectToken: 's', actorTokenType: 'jwt' }, 'no actorToken'],
    [{ subjectToken: 's', subjectTokenType: 'accesstoken' }, 'token types'],
    [{ subjectToken: '' }, 'subjectToken'],
    [{}, 'subjectToken'],
    [{ subjectToken: undefined }, 'subjectToken'],
    [{ token: 's' }, 'tokenExchange.token is not an option'],
  ])('%j is seen before anything is sent', async (wish, text) => {
    const { client, asked } = scene()
    // From JavaScript anything may come.
    const error = await rejection(client.tokenExchange(wish as ExchangeWish))
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(String(error)).toContain(text)
    expect(asked).toEqual([])
  })

  test('an unknown audience is ours', async () => {
    const { client, say } = scene()
    say('/token', refusing('invalid_target'))
    expect(await rejection(client.onBehalfOf('s'))).toBeInstanceOf(ConfigurationError)
  })
})

// §2.2.2: it came from whoever called us.
test('a token that does not hold is a refusal, which does not repeat it', async () => {
  const { client, say } = scene()
  say('/token', refusing('invalid_request'))
  const error = await rejection(client.onBehalfOf('secret-token'))
  expect(error).toMatchObject({ code: 'grant_refused', status: 400 })
  expect(JSON.stringify(error) + String(error)).not.toContain('secret-token')
})
