import { expect, test } from 'vitest'
import { rejection } from '../../../../../test/e2e/support/endpoints.ts'
import { bearer, createGrantScene, refusing } from '../../../../../test/support/grant-scene.ts'
import { ConfigurationError } from '../../errors/configuration.ts'

// RFC 7523 §2.1.
test('an assertion is traded for tokens', async () => {
  const { client, say, last } = createGrantScene()
  say('/token', [200, bearer])
  const parameters = { requested_token_use: 'on_behalf_of' }
  const got = await client.jwtBearer('a.b.c', { scope: 'orders:read', parameters })
  expect(got.accessToken).toBe('a-1')
  expect(Object.fromEntries(last().form)).toEqual({
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    assertion: 'a.b.c',
    scope: 'orders:read',
    ...parameters,
  })
})

// RFC 7523 §2.1: REQUIRED; what is empty counts as left out (RFC 6749 §3.2).
test.each([[''], [undefined]])('no assertion is a mistake: %j', async (assertion) => {
  const { client, asked } = createGrantScene()
  // From JavaScript anything may come.
  const error = await rejection(client.jwtBearer(assertion as string))
  expect(error).toBeInstanceOf(ConfigurationError)
  expect(asked).toEqual([])
})

// RFC 7523 §3.1.
test('an assertion that does not hold is a refusal, which does not repeat it', async () => {
  const { client, say } = createGrantScene()
  say('/token', refusing('invalid_grant'))
  const error = await rejection(client.jwtBearer('secret.assertion.here'))
  expect(error).toMatchObject({ code: 'grant_refused', trail: { presented: 'invalid_grant' } })
  expect(JSON.stringify(error)).not.toContain('assertion.here')
})
