import { describe, expect, test } from 'vitest'
import { ConfigurationError } from '../errors/configuration.ts'
import { checkIssuerUrl, insecurity } from './url.ts'

describe('an issuer identifier', () => {
  test.each([
    'https://id.example.com',
    'https://id.example.com/',
    'https://id.example.com:8443/oauth2/default',
    'https://ID.example.com/Tenant',
    'https://undefined.example.com/undefined-behaviour',
    'https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0',
    'https://login.microsoftonline.com/common.example.com/v2.0',
    'http://localhost:3000',
    'http://auth.localhost',
    'http://127.0.0.1:3000',
    'http://127.9.9.9',
    'http://[::1]:3000/realms/a',
  ])('%s is kept to the letter', (url) => {
    expect(checkIssuerUrl(url, false)).toBe(url)
  })

  test.each([
    [undefined, 'absolute URL'],
    [7, 'absolute URL'],
    ['', 'absolute URL'],
    ['id.example.com', 'absolute URL'],
    ['/oauth2', 'absolute URL'],
    ['https://id.example.com?tenant=a', 'no query'],
    ['https://id.example.com?', 'no query'],
    ['https://id.example.com#a', 'no fragment'],
    ['https://id.example.com/#', 'no fragment'],
    ['https://user@id.example.com', 'no user name'],
    ['https://user:secret@id.example.com', 'no password'],
    ['https://:secret@id.example.com', 'no password'],
    ['http://id.example.com', 'https'],
    ['http://127.0.0.1.example.com', 'https'],
    ['http://localhost.example.com', 'https'],
    ['http://notlocalhost', 'https'],
    ['http://10.0.0.1', 'https'],
    ['http://[::2]', 'https'],
    ['ftp://id.example.com', 'not ftp:'],
    ['file:///etc/passwd', 'not file:'],
    ['https://{yourOktaDomain}/oauth2/default', 'absolute URL'],
    ['https://<tenant>.example.com', 'absolute URL'],
    ['https://undefined', 'a setting that it was put together from has no value'],
    ['https://undefined:8443/realms/a', 'a setting that it was put together from has no value'],
    [
      'https://id.example.com/realms/undefined',
      'a setting that it was put together from has no value',
    ],
    ['https://id.example.com/.well-known/openid-configuration', 'the address of its metadata'],
    [
      'https://id.example.com/.well-known/oauth-authorization-server/a',
      'the address of its metadata',
    ],
    ['https://acme-admin.okta.com/oauth2/default', 'of the Okta Admin Console'],
    ['https://acme.okta.com/api/v1/authorizationServers/default', 'of the Okta management API'],
    ['https://login.microsoftonline.com/common/v2.0', 'one for each tenant'],
    ['https://login.microsoftonline.com/organizations/v2.0', 'one for each tenant'],
    ['https://login.microsoftonline.us/Consumers', 'one for each tenant'],
  ])('%s is refused: %s', (url, why) => {
    expect(() => checkIssuerUrl(url, false)).toThrow(ConfigurationError)
    expect(() => checkIssuerUrl(url, false)).toThrow(why)
  })

  test('a password is never repeated in the message', () => {
    for (const rest of ['', '/?tenant=a', '/#a']) {
      const url = `https://user:hunter2@id.example.com${rest}`
      expect(() => checkIssuerUrl(url, false)).not.toThrow('hunter2')
    }
  })

  test('allowInsecureIssuer lets plain http through, and nothing else', () => {
    expect(checkIssuerUrl('http://id.internal', true)).toBe('http://id.internal')
    expect(() => checkIssuerUrl('ftp://id.internal', true)).toThrow('not ftp:')
    expect(() => checkIssuerUrl('http://id.internal?a', true)).toThrow('no query')
  })
})

test('an address to fetch from is judged by the same rule', () => {
  expect(insecurity(new URL('https://keys.example.com/a?b'), false)).toBeUndefined()
  expect(insecurity(new URL('http://127.0.0.1/a'), false)).toBeUndefined()
  expect(insecurity(new URL('http://keys.example.com'), false)).toMatch('allowInsecureIssuer')
  expect(insecurity(new URL('http://keys.example.com'), true)).toBeUndefined()
})
