import { describe, expect, test } from 'vitest'
import { ConfigurationError } from '../errors/configuration.ts'
import {
  clientSecretBasic,
  clientSecretJwt,
  clientSecretPost,
  publicClient,
} from './authentication.ts'
import { readClientOptions, type ClientOptions } from './options.ts'

describe('how a client authenticates', () => {
  test('by its secret, as the registration has it unless it says otherwise', () => {
    const { id, authentication } = readClientOptions({ id: 'web', secret: 's' })
    expect([id, authentication.method]).toEqual(['web', 'client_secret_basic'])
  })

  test('not at all, where nothing is given', () => {
    expect(readClientOptions({ id: 'spa' }).authentication.method).toBe('none')
  })

  test('as it is told', () => {
    const authentication = clientSecretPost('s')
    expect(readClientOptions({ id: 'web', authentication }).authentication).toBe(authentication)
  })
})

test.each([
  [{}, /^client\.id is missing$/],
  [{ id: '' }, /^client\.id must be a non-empty string/],
  [{ id: 7 }, /^client\.id must be a non-empty string/],
  [{ id: 'web', secret: '' }, /^client\.secret must be a non-empty string/],
  [{ id: 'web', secert: 's' }, /did you mean secret\?/],
  [{ id: 'web', authentication: 'client_secret_post' }, /^client\.authentication must be/],
  [{ id: 'web', authentication: { method: 'x' } }, /^client\.authentication must be/],
  [{ id: 'web', secret: 'hush', authentication: publicClient() }, /exclude each other/],
  [undefined, /^client must be an object/],
])('%j is a mistake', (options, text) => {
  // From JavaScript anything may come.
  const read = () => readClientOptions(options as ClientOptions)
  expect(read).toThrow(ConfigurationError)
  expect(read).toThrow(text)
  expect(read).not.toThrow(/hush/)
})

test.each([clientSecretBasic, clientSecretPost, clientSecretJwt])(
  'a secret is a text: %o',
  (make) => {
    for (const secret of ['', undefined, 7]) {
      // From JavaScript anything may come, an environment variable that is not set for one.
      expect(() => make(secret as string)).toThrow(ConfigurationError)
    }
  },
)
