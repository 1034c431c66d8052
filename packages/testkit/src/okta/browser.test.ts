import { generateKeyPairSync } from 'node:crypto'
import { compactDecrypt, decodeJwt } from 'jose'
import { afterAll, describe, expect, test } from 'vitest'
import { createBrowser } from '../browser.ts'
import { createOkta } from './create.ts'
import type { OktaAnswer } from './request.ts'

const reader = generateKeyPairSync('rsa', { modulusLength: 2048 })
const encryption = { key: { ...reader.publicKey.export({ format: 'jwk' }), kid: 'reader' } }
const okta = await createOkta({
  identityProviders: { acme: { users: ['alice'] }, open: {} },
  servers: {
    sealed: { tokenEncryption: { key: encryption.key, algorithm: 'RSA-OAEP-512' } },
  },
  apps: {
    secretive: { idTokenEncryption: encryption },
    strict: { signOn: 'two-factors' },
    other: {},
    apart: { frontChannelLogout: { uri: 'http://127.0.0.1:8/out', sessionRequired: false } },
    framed: { frontChannelLogout: { uri: 'http://127.0.0.1:9/out?of=framed' } },
  },
})
afterAll(() => okta.close())

type Form = Readonly<Record<string, string>>
const callback = 'http://127.0.0.1:9/cb'
const line = ({ status, body }: OktaAnswer) =>
  `${status} ${String(body['error'])}: ${String(body['error_description'])}`
const token = (form: Form, app = 'web', server = 'default') =>
  okta.request('token', form, { app, server })
const authorizeUrl = (more: Form = {}, app = 'web', server = okta.servers.default) =>
  `${server.base}/v1/authorize?${new URLSearchParams({
    client_id: okta.app(app).clientId,
    response_type: 'code',
    redirect_uri: callback,
    scope: 'openid',
    state: 'abc',
    ...more,
  }).toString()}`
const signIn = async (app = 'web', more: Form = {}, browser = createBrowser()) => {
  const page = await browser.open(authorizeUrl(more, app), { until: callback })
  const fields = { username: 'alice', password: 'password' }
  const { url } = page.status === 0 ? page : await browser.submit(page, fields, { until: callback })
  const code = new URL(url).searchParams.get('code') ?? ''
  return token({ grant_type: 'authorization_code', code, redirect_uri: callback }, app)
}

describe('an external identity provider', () => {
  const { id: acme } = okta.identityProvider('acme')
  const goTo = async (more: Form, app = 'web') => {
    const browser = createBrowser()
    const page = await browser.open(authorizeUrl(more, app), { until: callback })
    const answer = async (fields: Form) => {
      const { url } = await browser.submit(page, fields, { until: callback })
      return new URL(url).searchParams
    }
    return { page, answer }
  }

  test('is asked for its scopes, and its user comes back with its id in the ID token', async () => {
    const more = { idp: acme, idp_scope: 'calendar', login_hint: 'alice' }
    const { page, answer } = await goTo(more)
    expect(page.html).toContain('Sign in with acme')
    expect(new URL(page.url).searchParams.get('scope')).toBe('openid profile email calendar')
    const code = (await answer({})).get('code') ?? ''
    const form = { grant_type: 'authorization_code', code, redirect_uri: callback }
    const claims = decodeJwt(String((await token(form)).body['id_token']))
    expect(claims).toMatchObject({ idp: acme, sub: okta.user('alice').id })
    const usual = decodeJwt(String((await signIn()).body['id_token']))
    expect(usual['idp']).toMatch(/^00o/)
  })

  test.each([
    [{ answer: 'cancel', username: 'alice' }, 'User canceled the social login request.'],
    [{ username: 'nobody' }, 'User creation was disabled.'],
    [{ username: 'bob' }, 'User linking was disabled.'],
  ])('%j is refused', async (fields, description) => {
    const { answer } = await goTo({ idp: acme })
    const error = await answer(fields)
    expect([error.get('error'), error.get('error_description')]).toEqual([
      'access_denied',
      description,
    ])
    expect(error.get('state')).toBe('abc')
  })

  test('proves one factor: a policy that wants two goes on to the second one', async () => {
    const browser = createBrowser()
    const page = await browser.open(authorizeUrl({ idp: acme }, 'strict'), { until: callback })
    const { html } = await browser.submit(page, { username: 'alice' }, { until: callback })
    expect(html).toContain('authenticator app')
  })

  test('is not asked where there is a session', async () => {
    const browser = createBrowser()
    await signIn('web', {}, browser)
    const { url } = await browser.open(authorizeUrl({ idp: acme }), { until: callback })
    expect(new URL(url).searchParams.has('code')).toBe(true)
  })

  test('that nobody knows is an error of the request', async () => {
    const { page } = await goTo({ idp: '0oaNobodyKnowsMe' })
    expect(new URL(page.url).searchParams.get('error_description')).toBe(
      'Identity provider is not valid.',
    )
  })

  test('cannot be come back from without having gone there', async () => {
    const { status } = await fetch(`${okta.url}/oauth2/v1/authorize/callback?state=x&code=y`)
    expect(status).toBe(403)
  })
})

describe('API Access Management switched off', () => {
  const off = async <Result>(body: () => Promise<Result>): Promise<Result> => {
    okta.settings.apiAccessManagement = false
    return body().finally(() => {
      okta.settings.apiAccessManagement = true
    })
  }
  const form = { grant_type: 'client_credentials', scope: 'orders:read' }

  test('no client can use a custom server', async () => {
    const answer = await off(() => token(form, 'service'))
    expect(line(answer)).toBe(
      '400 unauthorized_client: This client cannot use a custom authorization server.',
    )
    expect((await token(form, 'service')).status).toBe(200)
  })

  test('neither by a browser, which is shown a page; the org server goes on', async () => {
    await off(async () => {
      const page = await createBrowser().open(authorizeUrl())
      expect(page.status).toBe(400)
      expect(page.html).toContain('unauthorized_client')
      const own = await createBrowser().open(authorizeUrl({}, 'web', okta.org))
      expect(own.html).toContain('Sign In')
    })
  })
})

describe('front-channel logout', () => {
  const framesOf = (html: string) =>
    [...html.matchAll(/<iframe src="([^"]*)"/g)].map(([, url = '']) => url.replaceAll('&#38;', '&'))
  const leave = async (apps: readonly string[], more: Form = {}) => {
    const browser = createBrowser()
    let body: OktaAnswer['body'] = {}
    for (const app of apps) {
      // oxlint-disable-next-line no-await-in-loop -- one browser signs in to one app after the other
      ;({ body } = await signIn(app, {}, browser))
    }
    const query = new URLSearchParams({ id_token_hint: String(body['id_token']), ...more })
    const response = await browser.send(
      `${okta.servers.default.base}/v1/logout?${query.toString()}`,
    )
    return { response, html: await response.text(), claims: decodeJwt(String(body['id_token'])) }
  }

  test('frames of the other apps, with issuer and session where they are wanted', async () => {
    const target = 'http://127.0.0.1:9/bye'
    const more = { post_logout_redirect_uri: target, state: 'xyz' }
    const { html } = await leave(['framed', 'apart', 'other', 'web'], more)
    const [framed = '', ...others] = framesOf(html)
    expect(others).toEqual(['http://127.0.0.1:8/out'])
    const { searchParams } = new URL(framed)
    expect(searchParams.get('of')).toBe('framed')
    expect(searchParams.get('iss')).toBe(okta.servers.default.issuer)
    expect(searchParams.get('sid')).toMatch(/^102/)
    expect(html).toContain(`${target}?state=xyz`)
  })

  test('the session is the one of the ID token', async () => {
    const browser = createBrowser()
    const { body } = await signIn('framed', {}, browser)
    const { sid } = decodeJwt(String(body['id_token']))
    const { body: last } = await signIn('web', {}, browser)
    const hint = new URLSearchParams({ id_token_hint: String(last['id_token']) })
    const page = await browser.send(`${okta.servers.default.base}/v1/logout?${hint.toString()}`)
    const [frame = ''] = framesOf(await page.text())
    expect(new URL(frame).searchParams.get('sid')).toBe(sid)
  })

  test('no ID token has a session where no app wants it', async () => {
    for (const app of ['web', 'apart']) {
      // oxlint-disable-next-line no-await-in-loop -- there are two
      expect(decodeJwt(String((await signIn(app)).body['id_token']))).not.toHaveProperty('sid')
    }
  })

  test('no frame for the app that asks, for none, and in Classic Engine', async () => {
    expect(framesOf((await leave(['framed'])).html)).toEqual([])
    expect(framesOf((await leave(['other', 'web'])).html)).toEqual([])
    okta.settings.identityEngine = false
    const { html } = await leave(['framed', 'web']).finally(() => {
      okta.settings.identityEngine = true
    })
    expect(framesOf(html)).toEqual([])
  })
})

describe('encrypted tokens', () => {
  const opened = async (text: unknown) => {
    const { plaintext, protectedHeader } = await compactDecrypt(String(text), reader.privateKey)
    return { header: protectedHeader, claims: decodeJwt(Buffer.from(plaintext).toString()) }
  }

  test('an ID token of an app that wants it, from a custom server', async () => {
    const { body } = await signIn('secretive')
    const { header, claims } = await opened(body['id_token'])
    expect(header).toMatchObject({ alg: 'RSA-OAEP-256', enc: 'A256GCM', kid: 'reader' })
    expect(claims).toMatchObject({ sub: okta.user('alice').id })
  })

  test('an access token of a server that has them encrypted; introspection knows it', async () => {
    const form = { grant_type: 'client_credentials', scope: 'orders:read' }
    const { body } = await token(form, 'service', 'sealed')
    const { header, claims } = await opened(body['access_token'])
    expect(header).toMatchObject({ alg: 'RSA-OAEP-512' })
    expect(claims).toMatchObject({ aud: 'api://sealed' })
    const asked = { token: String(body['access_token']) }
    const { body: said } = await okta.request('introspect', asked, {
      app: 'service',
      server: 'sealed',
    })
    expect(said).toMatchObject({ active: true })
  })
})
