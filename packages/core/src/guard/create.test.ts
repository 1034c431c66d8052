import { createTokenIssuer } from '@portcullis/testkit'
import { describe, expect, test, vi } from 'vitest'
import { ConfigurationError } from '../errors/configuration.ts'
import type { HttpRequest } from '../http/request.ts'
import { createIssuer } from '../issuer/create.ts'
import { createGuard, type GuardOptions } from './create.ts'
import { readAccessToken } from './token.ts'

const issuer = 'https://id.test'
const audience = 'https://api.test'
const one = { issuer, audience }

const verifier = {
  verify: () => readAccessToken({}, {}, { issuer, expiresAt: 1 }, []),
}

const request = (authorization?: string): HttpRequest => ({
  method: 'GET',
  url: 'https://api.test/',
  header: (name) => (name === 'authorization' ? authorization : undefined),
  form: () => Promise.resolve(new URLSearchParams()),
})

// Options arrive from JavaScript too, where no compiler has looked at them.
const wrongly = (options: unknown) => () => createGuard(options as GuardOptions)

describe('an option that does not exist', () => {
  test.each([
    [
      'audiance',
      { issuer, audiance: 'x' },
      'guard.audiance is not an option; did you mean audience?',
    ],
    ['isuer', { isuer: issuer }, 'guard.isuer is not an option; did you mean issuer?'],
    ['Realm', { ...one, Realm: 'x' }, 'guard.Realm is not an option; did you mean realm?'],
    ['ruels', { verifier, ruels: [] }, 'guard.ruels is not an option; did you mean rules?'],
    ['something far from all', { ...one, quux_quux: 1 }, 'guard.quux_quux is not an option'],
    ['a name of the prototype', { ...one, toString: 1 }, 'guard.toString is not an option'],
  ])('is an error that names the nearest one: %s', (_, options, message) => {
    expect(wrongly(options)).toThrow(new ConfigurationError(message))
  })
})

describe('an option of the wrong type', () => {
  test.each([
    ['realm', '', 'guard.realm must be a non-empty string, got an empty string'],
    ['realm', 7, 'guard.realm must be a non-empty string, got 7'],
    ['form', 'yes', 'guard.form must be true or false, got a string'],
    ['allowPreflight', 1, 'guard.allowPreflight must be true or false, got 1'],
    ['exposeReason', null, 'guard.exposeReason must be true or false, got null'],
    ['observe', {}, 'guard.observe must be a function, got object'],
    ['revoked', true, 'guard.revoked must be a function, got true'],
    ['rules', () => undefined, 'guard.rules must be an array, got function'],
    ['constraints', {}, 'guard.constraints must be an array, got object'],
    ['audience', 5, 'guard.audience must be a non-empty string, got 5, or must be an array, got 5'],
    ['clockTolerance', -1, 'guard.clockTolerance must be a number of seconds, 0 or more, got -1'],
    [
      'clockTolerance',
      '5',
      'guard.clockTolerance must be a number of seconds, 0 or more, got a string',
    ],
    [
      'maxTokenAge',
      Number.NaN,
      'guard.maxTokenAge must be a number of seconds, 0 or more, got NaN',
    ],
    ['maxTokenSize', 0, 'guard.maxTokenSize must be a whole number, 1 or more, got 0'],
    ['maxTokenSize', 1.5, 'guard.maxTokenSize must be a whole number, 1 or more, got 1.5'],
    ['profile', 'rfc9069', 'guard.profile must be "rfc9068", got a string'],
    ['cache', true, 'guard.cache must be false, got true, or must be an object, got true'],
    [
      'claims',
      'zod',
      "guard.claims must be a schema with the Standard Schema interface ('~standard'), got a string",
    ],
    ['jwks', [], 'guard.jwks must be an object, got an array'],
    ['allowInsecureIssuer', 'yes', 'guard.allowInsecureIssuer must be true or false, got a string'],
    ['fetch', 'fetch', 'guard.fetch must be a function, got a string'],
    ['now', 0, 'guard.now must be a function, got 0'],
  ])('is an error with its path: %s = %j', (name, value, message) => {
    expect(wrongly({ ...one, [name]: value })).toThrow(new ConfigurationError(message))
  })

  test.each([
    ['rules', [() => undefined, 'read'], /^guard\.rules\[1\] must be a function, got a string$/],
    ['constraints', [7], /^guard\.constraints\[0\] must be an object, got 7$/],
    ['types', [''], /^guard\.types\[0\] must be a non-empty string, got an empty string$/],
    ['algorithms', ['RS256', 'HS256'], /^guard\.algorithms\[1\] must be "RS256" or /],
    ['algorithms', ['none'], /^guard\.algorithms\[0\] must be "RS256" or /],
  ])('within a list is an error with its place: %s = %j', (name, value, message) => {
    expect(wrongly({ ...one, [name]: value })).toThrow(ConfigurationError)
    expect(wrongly({ ...one, [name]: value })).toThrow(message)
  })

  test.each([undefined, null, 'https://id.test', 7, []])('cannot be all of them: %j', (options) => {
    expect(wrongly(options)).toThrow(ConfigurationError)
    expect(wrongly(options)).toThrow(/^guard must be an object/)
  })

  test('never shows the value, which may be a secret', () => {
    expect(wrongly({ ...one, decryptionKeys: 'hunter2' })).toThrow(
      new ConfigurationError('guard.decryptionKeys must be an array, got a string'),
    )
  })

  test('within cache and keys is found as well', () => {
    expect(wrongly({ ...one, cache: { entries: 0 } })).toThrow(
      /^(?:guard\.)?cache\.entries must be a whole number, 1 or more, got 0$/,
    )
    expect(wrongly({ ...one, cache: { maxage: 1 } })).toThrow(/did you mean maxAge\?$/)
    expect(wrongly({ ...one, keys: { timeout: '5' } })).toThrow(
      /keys\.timeout must be a number of seconds, more than 0, got a string$/,
    )
  })
})

describe('whom to trust', () => {
  test('must be said', () => {
    expect(wrongly({})).toThrow(
      new ConfigurationError(
        'guard.issuer is missing (or issuers, verifier, login): whom should the guard trust?',
      ),
    )
    expect(wrongly({ audience })).toThrow(/^guard\.issuer is missing/)
  })

  test('must be said together with the audience', () => {
    const message = 'guard.audience is missing: without it, tokens for any other API would pass'
    expect(wrongly({ issuer })).toThrow(new ConfigurationError(message))
    expect(wrongly({ issuer, audience: [] })).toThrow(new ConfigurationError(message))
    expect(wrongly({ issuers: [{ issuer }, { issuer: 'https://b.test', audience }] })).toThrow(
      /^guard\.issuers\[0\]\.audience is missing/,
    )
  })

  test('is said at the place of the list, also where the list has one entry', () => {
    expect(wrongly({ issuers: [{ issuer }] })).toThrow(/^guard\.issuers\[0\]\.audience is missing/)
  })

  test.each([
    [
      'issuer and issuers',
      { ...one, issuers: [one] },
      /^guard\.(?:issuer|audience) cannot stand beside issuers/,
    ],
    [
      'audience and issuers',
      { audience, issuers: [one] },
      /^guard\.audience cannot stand beside issuers/,
    ],
    ['issuer and verifier', { issuer, verifier }, /^guard\.issuer cannot stand beside verifier/],
    ['issuers and verifier', { issuers: [one], verifier }, /^guard\.issuers is not an option/],
    [
      'a verifier and the cache of another',
      { verifier, cache: false },
      /^guard\.cache is not an option/,
    ],
  ])('can be said in one way only, not with %s', (_, options, message) => {
    expect(wrongly(options)).toThrow(ConfigurationError)
    expect(wrongly(options)).toThrow(message)
  })

  test.each([
    ['issuers', 'https://id.test'],
    ['issuers', { issuer }],
    ['issuers', ['https://id.test']],
    ['verifier', () => undefined],
  ])('is refused in the wrong shape: %s = %j', (name, value) => {
    expect(wrongly({ [name]: value })).toThrow(ConfigurationError)
    expect(wrongly({ [name]: value })).toThrow(new RegExp(`^guard\\.${name}(?: |\\[)`))
  })

  test('is somebody, and each of them once', () => {
    expect(wrongly({ issuers: [] })).toThrow('issuers must name at least one issuer')
    expect(wrongly({ issuers: [one, one] })).toThrow('issuers names an issuer twice')
  })

  test.each([
    ['not-a-url', /issuer must be an absolute URL/],
    ['http://id.test', /issuer must be an https: URL/],
    ['https://id.test?tenant=1', /issuer must have no query and no fragment/],
    ['https://user:secret@id.test', /issuer must hold no user name and no password/],
  ])('is an issuer identifier, and not %s', (name, message) => {
    expect(wrongly({ issuer: name, audience })).toThrow(ConfigurationError)
    expect(wrongly({ issuer: name, audience })).toThrow(message)
  })

  test('may be an issuer that was made before, with its sources there and not here', () => {
    const made = createIssuer({ issuer })
    expect(createGuard({ issuer: made, audience }).health().issuers).toMatchObject([{ issuer }])
    expect(wrongly({ issuer: made, audience, allowInsecureIssuer: true })).toThrow(
      'guard.allowInsecureIssuer belongs to createIssuer(), which made the issuer',
    )
  })
})

describe('a ConfigurationError', () => {
  test('is a TypeError with a name and a code', () => {
    const error = new ConfigurationError('wrong')
    expect(error).toBeInstanceOf(TypeError)
    expect(error).toMatchObject({ name: 'ConfigurationError', code: 'configuration_invalid' })
    expect(String(error)).toBe('ConfigurationError: wrong')
  })
})

describe('createGuard', () => {
  test('fetches nothing', () => {
    const fetch = vi.fn<typeof globalThis.fetch>()
    createGuard({ ...one, fetch })
    expect(fetch).not.toHaveBeenCalled()
  })

  test('takes undefined for absent', () => {
    expect(wrongly({ ...one, jwks: undefined, realm: undefined })).not.toThrow()
  })

  test('does not change what it is given', () => {
    const options = Object.freeze({ ...one, rules: Object.freeze([]) })
    const before = structuredClone(options)
    createGuard(options)
    expect(options).toEqual(before)
  })

  test('switches everything off that widens: only exactly true opens it', async () => {
    const guard = createGuard({ verifier, form: false, allowPreflight: false, exposeReason: false })
    const preflight = {
      ...request(),
      method: 'OPTIONS',
      header: (name: string) => (name === 'authorization' ? undefined : 'x'),
    }
    expect(await guard.check(preflight)).toMatchObject({
      refusal: { code: 'no_credential', message: 'Authentication is required.' },
    })
  })
})

describe('the face of a guard', () => {
  const token = createTokenIssuer({ algorithm: 'EdDSA' })
  const challenge = async (options: Partial<GuardOptions>, field?: string) => {
    const verdict = await createGuard({ verifier, ...options } as GuardOptions).check(
      request(field),
    )
    return verdict.granted ? undefined : verdict.refusal.headers['WWW-Authenticate']
  }

  test('shows the realm in every challenge, quoted', async () => {
    const realm = 'the "inner" c:\\ circle'
    const quoted = String.raw`Bearer realm="the \"inner\" c:\\ circle"`
    expect(await challenge({ realm })).toBe(quoted)
    expect(await challenge({ realm }, 'Bearer')).toBe(`${quoted}, error="invalid_request"`)
  })

  test('shows code and reason where it is told to, in header and message', async () => {
    const guard = createGuard({ ...token.guardOptions, exposeReason: true })
    const verdict = await guard.check(request('Bearer not-a-token'))
    if (verdict.granted) throw new Error('it was granted')
    const { headers, message, reason } = verdict.refusal
    expect(message).toBe(`token_malformed: ${reason}`)
    expect(headers['WWW-Authenticate']).toBe(
      `Bearer error="invalid_token", error_description="token_malformed: ${reason}"`,
    )
  })

  test('shows no error for a request without credential, whatever it is told to', async () => {
    expect(await challenge({ exposeReason: true })).toBe('Bearer')
  })

  test('is silent about the reason by default', async () => {
    const guard = createGuard(token.guardOptions)
    expect(await guard.check(request('Bearer not-a-token'))).toMatchObject({
      refusal: {
        message: 'The access token is not accepted.',
        headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
      },
    })
  })
})
