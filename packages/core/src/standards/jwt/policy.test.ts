import { describe, expect, test } from 'vitest'
import { createIssuer } from '../../issuer/create.ts'
import { audience, issuer, neverFetch } from '../../../../../test/e2e/support/scene.ts'
import { createTestKey } from '../../../../../test/e2e/support/signing.ts'
import { ConfigurationError } from '../../errors/configuration.ts'
import { jwt, type JwtOptions } from './jwt.ts'

const jwks = { keys: [createTestKey('ES256').jwk] }
// Programs in JavaScript can hand in anything.
const make = (options: object) =>
  jwt({ issuers: [{ issuer, audience, jwks, ...options }], fetch: neverFetch })

describe('what is wrong is said when the verifier is made', () => {
  test.each([
    [{ audience: undefined }, '.audience is missing'],
    [{ audience: [] }, '.audience is missing'],
    [{ audience: '' }, '.audience must be a non-empty string'],
    [{ audience: ['a', 7] }, '.audience'],
    [{ audiance: 'a' }, '.audiance is not an option; did you mean audience?'],
    [{ algorithms: ['none'] }, '.algorithms[0] must be'],
    [{ algorithms: ['HS256'] }, '.algorithms[0] must be'],
    [{ algorithms: ['RS256', 'HS512'] }, '.algorithms[1] must be'],
    [{ algorithms: 'RS256' }, '.algorithms must be an array'],
    [{ clockTolerance: -1 }, '.clockTolerance must be a number of seconds'],
    [{ clockTolerance: '5' }, '.clockTolerance'],
    [{ maxTokenAge: Number.NaN }, '.maxTokenAge'],
    [{ profile: 'RFC9068' }, '.profile must be "rfc9068"'],
    [{ types: 'JWT' }, '.types must be an array'],
    [{ types: [''] }, '.types[0]'],
    [{ rules: [true] }, '.rules[0] must be a function'],
    [{ issuer: 'id.test' }, 'issuer must be an absolute URL'],
    [{ jwks: { keys: [] } }, 'issuer.jwks holds no public key'],
    [{ keys: { timeout: 'x' } }, 'issuer.keys.timeout'],
    [{ snapshot: {} }, 'issuer.snapshot cannot be used'],
    [{ metadata: {} }, 'issuer.metadata cannot be used'],
  ])('%j: %s', (options, why) => {
    expect(() => make(options)).toThrow(ConfigurationError)
    expect(() => make(options)).toThrow(why)
  })

  test.each([
    [{ maxTokenSize: 0 }, 'jwt.maxTokenSize must be a whole number'],
    [{ maxTokenSize: '16k' }, 'jwt.maxTokenSize'],
    [{ decryptionKeys: {} }, 'jwt.decryptionKeys must be an array'],
    [{ decryptionKeys: ['secret'] }, 'jwt.decryptionKeys[0]'],
    [{ decryptionKeys: [{ kty: 'RSA' }] }, 'decryptionKeys[0] must be a private or secret key'],
    [{ claims: 7 }, 'jwt.claims'],
    [{ cache: true }, 'jwt.cache'],
    [{ cache: { entries: 0 } }, 'cache.entries'],
    [{ cache: { maxAge: -1 } }, 'cache.maxAge'],
    [{ cache: { ttl: 5 } }, 'cache.ttl is not an option'],
    [{ algorithms: ['RS256'] }, 'jwt.algorithms is not an option'],
    [{ issuers: [] }, 'issuers must name at least one issuer'],
  ])('%j: %s', (options, why) => {
    const act = () => jwt({ issuers: [{ issuer, audience, jwks }], ...options } as JwtOptions)
    expect(act).toThrow(ConfigurationError)
    expect(act).toThrow(why)
  })

  test('a key that is a secret is not repeated in the message', () => {
    const act = () => jwt({ issuers: [{ issuer, audience }], decryptionKeys: 'hunter2' } as never)
    expect(act).not.toThrow('hunter2')
  })
})

describe('an Okta org authorization server cannot be the issuer of a guard', () => {
  test.each([
    'https://acme.okta.com',
    'https://acme.okta.com/',
    'https://ACME.okta.com',
    'https://acme.oktapreview.com',
    'https://acme.okta-emea.com',
    'https://acme.okta-gov.com',
    'https://acme.okta.mil',
  ])('%s: the text says why and what to do', (url) => {
    const act = () => make({ issuer: url })
    expect(act).toThrow(ConfigurationError)
    expect(act).toThrow('Okta org authorization server')
    expect(act).toThrow('https://{domain}/oauth2/default')
    expect(act).toThrow('introspection')
  })

  test.each([
    'https://acme.okta.com/oauth2/default',
    'https://acme.okta.com/oauth2/aus1',
    'https://login.acme.example',
    'https://okta.com.example',
    'https://notokta.com',
  ])('%s is none', (url) => {
    expect(() => make({ issuer: url })).not.toThrow()
  })

  test('an issuer that createIssuer made is looked at as well', () => {
    const made = createIssuer({ issuer: 'https://acme.okta.com' })
    expect(() => jwt({ issuers: [{ issuer: made, audience }] })).toThrow('org authorization server')
  })

  test('an address of the management API is another common mistake', () => {
    for (const url of [
      'https://acme.okta.com/api/v1/authorizationServers/default',
      'https://acme.okta.com/api/v1/authorizationServers',
      'https://login.acme.example/api/v1/authorizationServers/aus1',
    ]) {
      expect(() => make({ issuer: url })).toThrow('https://{domain}/oauth2/{id}')
    }
  })

  test('an address of the Admin Console is one more', () => {
    for (const url of [
      'https://acme-admin.okta.com/oauth2/default',
      'https://acme-admin.okta.com',
    ]) {
      expect(() => make({ issuer: url })).toThrow('are https://acme.okta.com/oauth2/{id}')
    }
    expect(() => make({ issuer: 'https://acme-admin.example/oauth2/default' })).not.toThrow()
  })
})

describe('an issuer that createIssuer made', () => {
  const made = createIssuer({ issuer, jwks, fetch: neverFetch })

  test('is used as it is', () => {
    const verifier = jwt({ issuers: [{ issuer: made, audience }] })
    expect(verifier.health?.()).toEqual([made.health()])
  })

  test.each([
    ['jwks', jwks],
    ['metadata', { issuer }],
    ['keys', { timeout: 1 }],
    ['allowInsecureIssuer', true],
  ])('takes no %s any more: it belongs to createIssuer', (name, value) => {
    const act = () => jwt({ issuers: [{ issuer: made, audience, [name]: value }] })
    expect(act).toThrow(`.${name} belongs to createIssuer()`)
  })
})

test('several issuers are named by their place, and none may come twice', () => {
  const good = { issuer, audience, jwks }
  const two = (second: object) => () =>
    jwt({ issuers: [good, { ...good, ...second }], fetch: neverFetch })
  expect(two({ issuer: 'https://b.test', audience: [] })).toThrow('issuers[1].audience')
  expect(two({})).toThrow('issuers names an issuer twice')
  expect(two({ issuer: `${issuer}/` })).not.toThrow()
})
