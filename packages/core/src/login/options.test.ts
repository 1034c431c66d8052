import { describe, expect, test } from 'vitest'
import { createDesk, secrets } from '../../../../test/support/login-unit.ts'
import { ConfigurationError } from '../errors/configuration.ts'
import { createIssuer } from '../issuer/create.ts'
import { sealedSessions } from '../session/sealed.ts'
import { jarm } from '../standards/jarm/jarm.ts'
import { createLogin } from './create.ts'
import { formPost } from './response-mode.ts'

const wrong = (options: object): void => {
  createDesk(options)
}

describe('a mistake in the options of a login is told at start-up:', () => {
  test.each<[object, string]>([
    [{ baseURL: 'https://app.test' }, 'did you mean baseUrl?'],
    [{ issuer: 7 }, 'login.issuer must be a string'],
    [{ issuer: undefined }, 'login.issuer must be a string'],
    [{ issuer: 'http://id.test' }, 'issuer must be an https: URL'],
    [{ client: undefined }, 'client must be an object'],
    [{ client: {} }, 'client.id is missing'],
    [{ baseUrl: undefined }, 'login.baseUrl must be an absolute URL'],
    [{ baseUrl: [] }, 'login.baseUrl must not be empty'],
    [{ sessions: undefined }, 'login.sessions is missing'],
    [{ sessions: {} }, 'login.sessions must be what sealedSessions()'],
    [{ routes: { login: 'login' } }, 'login.routes.login must be a path'],
    [{ routes: { login: '/a?b' } }, 'login.routes.login must be a path'],
    [{ routes: { callback: false } }, 'login.routes.callback must be a path'],
    [{ routes: { callBack: '/cb' } }, 'did you mean callback?'],
    [{ routes: { login: '/x', callback: '/x' } }, 'must not share a path'],
    [{ parameters: { maxAge: 'x' } }, 'login.parameters.maxAge'],
    [{ responseType: 'none' }, 'login.responseType must be'],
    [{ responseMode: 'form_post' }, 'login.responseMode must be formPost'],
    [{ delivery: 'par' }, 'login.delivery must be a function'],
    [{ doors: [{ path: '/x' }] }, 'login.doors must hold what'],
    [{ unauthenticated: '302' }, 'login.unauthenticated must be'],
    [{ allowedOrigins: ['https://a.test/'] }, 'login.allowedOrigins[0] must be an origin'],
    [{ logout: { returnTo: 'bye' } }, 'login.logout.returnTo must be a path'],
    [{ logout: { returnTo: '//evil.test' } }, 'login.logout.returnTo must be a path'],
    [{ logout: { idp: false } }, 'login.logout.idp is not an option'],
    [{ algorithms: ['HS256'] }, 'login.algorithms must name asymmetric algorithms'],
    [{ algorithms: ['none'] }, 'login.algorithms must name asymmetric algorithms'],
    [{ timeout: 0 }, 'login.timeout must be a number of seconds'],
    [{ issuer: 'https://acme-admin.okta.com' }, 'for logins only, https://acme.okta.com.'],
    [{ issuer: 'https://acme.okta.com/api/v1/authorizationServers/a' }, '/oauth2/{id}'],
  ])('%j', (options, why) => {
    expect(() => wrong(options)).toThrow(ConfigurationError)
    expect(() => wrong(options)).toThrow(why)
  })

  test.each<[string, object]>([
    ['None needs an https baseUrl', { sameSite: 'None' }],
    ['domain example.test does not hold localhost', { domain: 'example.test' }],
    ['path /shop does not hold the path', { path: '/shop' }],
  ])('a cookie that no browser would send back: %s', (why, cookie) => {
    const sessions = sealedSessions({ secrets, cookie })
    expect(() => wrong({ baseUrl: 'http://localhost:3000', sessions })).toThrow(why)
  })

  test.each<[string, object]>([
    ['https://app.example.test/shop/', { path: '/shop', domain: 'example.test', sameSite: 'None' }],
    ['https://example.test/shop', { path: '/shop/', domain: 'example.test' }],
    ['https://example.test', {}],
  ])('a cookie that fits %s', (baseUrl, cookie) => {
    expect(() => wrong({ baseUrl, sessions: sealedSessions({ secrets, cookie }) })).not.toThrow()
  })
})

const complaint = (options: object): string | undefined => {
  try {
    wrong(options)
    return undefined
  } catch (error) {
    return String(error)
  }
}

describe('what comes through the browser', () => {
  const legacy = { legacyAccessTokenInBrowser: true }
  test.each<[object, string | undefined]>([
    [{ responseType: 'id_token' }, undefined],
    [{ responseType: 'code id_token' }, undefined],
    [{ responseType: 'token' }, 'legacyAccessTokenInBrowser'],
    [{ responseType: 'id_token token' }, 'legacyAccessTokenInBrowser'],
    [{ responseType: 'code token' }, 'legacyAccessTokenInBrowser'],
    [{ responseType: 'code id_token token' }, 'legacyAccessTokenInBrowser'],
    [{ responseType: 'token', ...legacy }, undefined],
    [{ responseType: 'id_token token', ...legacy }, undefined],
    [{ responseType: 'code token', ...legacy }, undefined],
    [{ responseType: 'code id_token token', ...legacy }, undefined],
    [
      { responseType: 'id_token', responseMode: jarm({ mode: 'query.jwt' }) },
      'must come by a form',
    ],
    [{ responseType: 'code', responseMode: formPost }, undefined],
    [{ responseMode: formPost, baseUrl: 'http://localhost' }, 'form_post needs an https baseUrl'],
    [{ responseMode: jarm({ mode: 'form_post.jwt' }), baseUrl: 'http://[::1]' }, 'form_post needs'],
    [{ responseType: 'id_token', baseUrl: 'http://localhost' }, 'form_post needs an https baseUrl'],
    [
      { responseMode: formPost, baseUrl: ['https://a.test', 'http://localhost'] },
      'form_post needs',
    ],
  ])('%j: %s', (options, why) => {
    const found = complaint(options)
    expect(why === undefined ? found : found?.includes(why)).toBe(
      why === undefined ? undefined : true,
    )
  })
})

test('an issuer that was made before is taken as it is', () => {
  const issuer = createIssuer({ issuer: 'https://id.test' })
  const sessions = sealedSessions({ secrets })
  const login = createLogin({ issuer, client: { id: 'a' }, baseUrl: 'https://app.test', sessions })
  expect(login.issuer).toBe(issuer)
})
