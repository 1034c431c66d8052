import { describe, expect, test } from 'vitest'
import { ConfigurationError } from '../errors/configuration.ts'
import { createIssuer, type IssuerOptions } from '../issuer/create.ts'
import { createGuard, type GuardOptions } from './create.ts'

const url = 'https://id.test'
const audience = 'https://api.test'

// What arrives from JavaScript, or from a file of settings.
const notNames: readonly (readonly [what: string, issuer: unknown])[] = [
  ['null', null],
  ['a URL object', new URL(url)],
  ['metadata of an issuer', { url }],
  ['a number', 7],
  ['a list', [url]],
  ['a name with a space before it', ` ${url} `],
  ['a name with a line break', `${url}\n`],
]

describe('an issuer that is', () => {
  test.each(notNames)('%s is a mistake that shows when the guard is made', (_what, issuer) => {
    const make = () => createGuard({ issuer, audience } as GuardOptions)
    expect(make).toThrow(ConfigurationError)
    expect(make).toThrow(/issuer/)
  })

  test.each(notNames)('%s is a mistake in a list of issuers too', (_what, issuer) => {
    const make = () => createGuard({ issuers: [{ issuer, audience }] } as GuardOptions)
    expect(make).toThrow(ConfigurationError)
  })

  test.each(notNames)('%s makes no issuer', (_what, issuer) => {
    expect(() => createIssuer({ issuer } as IssuerOptions)).toThrow(ConfigurationError)
  })
})

test.each<[what: string, constraint: unknown]>([
  ['nothing', null],
  ['a word', 'dpop'],
  ['a scheme that is a number', { scheme: 1 }],
  ['a scheme that is empty', { confirmation: 'jkt', scheme: '', prove: () => undefined }],
  ['no function that proves', { confirmation: 'jkt', prove: true }],
  ['no members', {}],
  ['no proof', { confirmation: 'jkt' }],
  ['no confirmation', { prove: () => undefined }],
])('a constraint with %s is a mistake', (_what, constraint) => {
  const options = { issuer: url, audience, constraints: [constraint] } as GuardOptions
  expect(() => createGuard(options)).toThrow(ConfigurationError)
})

test('a constraint may have members of its own', () => {
  const constraint = { confirmation: 'jkt', prove: () => undefined, seen: new Set() }
  expect(() => createGuard({ issuer: url, audience, constraints: [constraint] })).not.toThrow()
})

test.each<[what: string, verifier: unknown]>([
  ['nothing in it', {}],
  ['a verify that is no function', { verify: 'yes' }],
  ['null for it', null],
])('a verifier with %s is a mistake', (_what, verifier) => {
  expect(() => createGuard({ verifier } as GuardOptions)).toThrow(ConfigurationError)
})

test.each<[what: string, claims: unknown]>([
  ['nothing in it', {}],
  ['a description of its own', { tenant: 'string' }],
  ['a function', () => true],
  ['a schema of another interface', { parse: () => ({}), '~standard': { version: 1 } }],
])('a schema for claims that is %s is a mistake', (_what, claims) => {
  const options = { issuer: url, audience, claims } as GuardOptions
  expect(() => createGuard(options)).toThrow(ConfigurationError)
  expect(() => createGuard(options)).toThrow(
    'guard.claims must be a schema with the Standard Schema',
  )
})

test('a schema for claims may be a function, as those of arktype are', () => {
  const validate = (value: unknown) => ({ value })
  const claims = Object.assign(() => true, {
    '~standard': { version: 1, vendor: 'test', validate } as const,
  })
  expect(() => createGuard({ issuer: url, audience, claims })).not.toThrow()
})

test.each<[what: string, options: object, said: string]>([
  [
    'an audience beside a list of issuers',
    { issuers: [{ issuer: url, audience }], audience },
    'guard.audience cannot stand beside issuers: each of them has its own',
  ],
  [
    'an audience beside a verifier',
    { verifier: { verify: () => undefined }, audience },
    'guard.audience cannot stand beside verifier: it brings its own, among its own options',
  ],
  [
    'an issuer beside a verifier',
    { verifier: { verify: () => undefined }, issuer: url },
    'guard.issuer cannot stand beside verifier',
  ],
  [
    'a login and an audience, and nobody who issues tokens for it',
    { login: { authenticator: { authenticate: () => undefined } }, audience },
    'That of the login is login.issuer.',
  ],
])('%s is a mistake that is told how to mend', (_what, options, said) => {
  expect(() => createGuard(options as GuardOptions)).toThrow(ConfigurationError)
  expect(() => createGuard(options as GuardOptions)).toThrow(said)
})
