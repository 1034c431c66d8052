import { expect, test } from 'vitest'
import { rejection } from '../../../../../test/e2e/support/endpoints.ts'
import { bearer, createGrantScene, refusing } from '../../../../../test/support/grant-scene.ts'
import { ConfigurationError } from '../../errors/configuration.ts'
import { passwordRisk } from './password.ts'

const person = { username: 'alice', password: 'open sesame' }

// RFC 6749 §4.3.2.
test('name and password are traded once the risk has been named', async () => {
  const { client, say, last } = createGrantScene({ legacyPasswordGrant: passwordRisk })
  say('/token', [200, bearer])
  expect(await client.password({ ...person, scope: 'orders:read' })).toHaveProperty(
    'accessToken',
    'a-1',
  )
  expect(Object.fromEntries(last().form)).toEqual({
    grant_type: 'password',
    ...person,
    scope: 'orders:read',
  })
})

// RFC 6749 §4.3.2: both are REQUIRED.
test.each([['username'], ['password']])('without a %s nothing is sent', async (name) => {
  const { client, asked } = createGrantScene({ legacyPasswordGrant: passwordRisk })
  // From JavaScript anything may come.
  const wish = { ...person, [name]: undefined }
  const error = await rejection(client.password(wish))
  expect(error).toBeInstanceOf(ConfigurationError)
  expect(String(error)).toContain(`password.${name} must be`)
  expect(asked).toEqual([])
})

// RFC 9700 §2.4.
test('without that, nothing is sent', async () => {
  const { client, asked } = createGrantScene()
  const error = await rejection(client.password(person))
  expect(error).toBeInstanceOf(ConfigurationError)
  expect(String(error)).toContain(passwordRisk)
  expect(asked).toEqual([])
})

test.each([true, 'yes'])('%j names no risk', (legacyPasswordGrant) => {
  // From JavaScript anything may come.
  expect(() => createGrantScene({ legacyPasswordGrant } as object)).toThrow(ConfigurationError)
})

test.each(['invalid_grant', 'mfa_required'])(
  'a wrong password, or one that is not enough (%s), is a refusal that does not repeat it',
  async (name) => {
    const { client, say } = createGrantScene({ legacyPasswordGrant: passwordRisk })
    say('/token', refusing(name))
    const error = await rejection(client.password(person))
    expect(error).toMatchObject({ code: 'grant_refused', trail: { presented: name } })
    expect(JSON.stringify(error) + String(error)).not.toContain('sesame')
  },
)
