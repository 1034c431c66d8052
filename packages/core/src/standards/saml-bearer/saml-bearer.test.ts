import { expect, test } from 'vitest'
import { rejection } from '../../../../../test/e2e/support/endpoints.ts'
import { bearer, createGrantScene, refusing } from '../../../../../test/support/grant-scene.ts'
import { ConfigurationError } from '../../errors/configuration.ts'

const xml = '<saml2:Assertion ID="id1">\u00e4</saml2:Assertion>'
const encoded = Buffer.from(xml).toString('base64url')

// RFC 7522 §2.1: base64url.
test.each([
  ['XML', ` ${xml}\n`],
  ['base64url', encoded],
])('an assertion as %s is traded for tokens', async (_form, assertion) => {
  const { client, say, last } = createGrantScene()
  say('/token', [200, bearer])
  const got = await client.samlBearer(assertion, { scope: 'orders:read' })
  expect(got.accessToken).toBe('a-1')
  expect(Object.fromEntries(last().form)).toEqual({
    grant_type: 'urn:ietf:params:oauth:grant-type:saml2-bearer',
    assertion: encoded,
    scope: 'orders:read',
  })
})

// RFC 7522 §3.1.
test('an assertion that does not hold is a refusal, which does not repeat it', async () => {
  const { client, say } = createGrantScene()
  say('/token', refusing('invalid_grant'))
  const error = await rejection(client.samlBearer(xml))
  expect(error).toMatchObject({ code: 'grant_refused', trail: { presented: 'invalid_grant' } })
  expect(JSON.stringify([error, String(error)])).not.toContain(encoded)
})

test('no assertion is a mistake', async () => {
  const { client } = createGrantScene()
  expect(await rejection(client.samlBearer(''))).toBeInstanceOf(ConfigurationError)
})
