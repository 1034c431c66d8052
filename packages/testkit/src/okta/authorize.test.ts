import { createHash } from 'node:crypto'
import { decodeJwt } from 'jose'
import { afterAll, describe, expect, test } from 'vitest'
import { createBrowser } from '../browser.ts'
import { createOkta } from './create.ts'

const okta = await createOkta({
  apps: { strict: { signOn: 'two-factors' }, exact: { redirectUris: ['http://127.0.0.1:9/cb'] } },
  users: {
    alice: { factors: ['totp', 'sms'] },
    bob: { factors: ['push'] },
    carol: {},
  },
})
afterAll(() => okta.close())

const callback = 'http://127.0.0.1:9/cb'
const verifier = 'v'.repeat(43)
const challenge = createHash('sha256').update(verifier).digest('base64url')

const authorizeUrl = (more: Record<string, string> = {}, server = okta.servers.default) => {
  const parameters = {
    client_id: okta.app('web').clientId,
    response_type: 'code',
    redirect_uri: callback,
    scope: 'openid profile email offline_access',
    state: 'abc',
    nonce: 'n-1',
    ...more,
  }
  return `${server.base}/v1/authorize?${new URLSearchParams(parameters).toString()}`
}

/** Signs in on the page, and stops where the client would take over. */
const signIn = async (url: string, username = 'carol', browser = createBrowser()) => {
  const page = await browser.open(url)
  expect(page.html).toContain('Sign In')
  return browser.submit(page, { username, password: 'password' }, { until: callback })
}

const redeem = (form: Record<string, string>, app = 'web', server = 'default') =>
  okta.request(
    'token',
    { grant_type: 'authorization_code', redirect_uri: callback, ...form },
    { app, server },
  )

const parametersOf = (url: string): Record<string, string> => {
  const { search, hash } = new URL(url)
  return Object.fromEntries(new URLSearchParams(search || hash.slice(1)))
}
const payloadOf = (token: unknown) => decodeJwt(String(token))

describe('the code flow', () => {
  test('ends in tokens whose subjects differ: the login in one, the user id in the other', async () => {
    const page = await signIn(authorizeUrl())
    const { code = '', state } = parametersOf(page.url)
    expect(state).toBe('abc')
    const { status, body, headers } = await redeem({ code })
    expect(status).toBe(200)
    expect(headers.get('cache-control')).toBe('no-cache, no-store')
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 3600 })
    expect(body['scope']).toBe('openid profile email offline_access')
    const access = payloadOf(body['access_token'])
    const id = payloadOf(body['id_token'])
    expect(access).toMatchObject({
      ver: 1,
      iss: okta.servers.default.issuer,
      aud: 'api://default',
      cid: okta.app('web').clientId,
      uid: okta.user('carol').id,
      scp: ['openid', 'profile', 'email', 'offline_access'],
      sub: 'carol@example.com',
    })
    expect(access['scope']).toBeUndefined()
    expect(id).toMatchObject({
      sub: okta.user('carol').id,
      aud: okta.app('web').clientId,
      nonce: 'n-1',
      amr: ['pwd'],
    })
    // Beside an access token a custom server's ID token is thin.
    expect(id['email']).toBeUndefined()
    expect(String(access['jti'])).toMatch(/^AT\./)
    expect(String(id['jti'])).toMatch(/^ID\./)
  })

  test('each of the ways a code can be wrong has its own answer', async () => {
    const code = async (more = {}) =>
      parametersOf((await signIn(authorizeUrl(more))).url)['code'] ?? ''
    const wrong = await redeem({ code: 'nonsense' })
    expect([wrong.status, wrong.body['error']]).toEqual([400, 'invalid_grant'])
    const other = await redeem({ code: await code({ client_id: okta.app('exact').clientId }) })
    expect(other.body['error_description']).toMatch(/^The grant was issued to another client/)
    const redirected = await redeem({ code: await code(), redirect_uri: `${callback}2` })
    expect(redirected.body['error_description']).toMatch(/'redirect_uri' does not match/)
    const elsewhere = await redeem({ code: await code() }, 'web', 'org')
    expect(elsewhere.body).toMatchObject({
      error: 'invalid_request',
      error_description: 'The grant was issued for another authorization server.',
    })
    const noChallenge = await redeem({ code: await code(), code_verifier: verifier })
    expect(noChallenge.body['error_description']).toMatch(/^PKCE code challenge should be/)
    const pkce = { code_challenge: challenge, code_challenge_method: 'S256' }
    const noVerifier = await redeem({ code: await code(pkce) })
    expect(noVerifier.body['error_description']).toMatch(/^PKCE code verifier is required/)
    const bad = await redeem({ code: await code(pkce), code_verifier: 'w'.repeat(43) })
    expect(bad.body['error_description']).toBe('PKCE verification failed.')
    const good = await redeem({ code: await code(pkce), code_verifier: verifier })
    expect(good.status).toBe(200)
  })

  test('a code works once, and its tokens die when it comes again', async () => {
    const { code = '' } = parametersOf((await signIn(authorizeUrl())).url)
    const first = await redeem({ code })
    const again = await redeem({ code })
    expect(again.body['error_description']).toBe(
      'The authorization code is invalid or has expired.',
    )
    const asked = await okta.request('introspect', {
      token: String(first.body['access_token']),
    })
    expect(asked.body).toEqual({ active: false })
  })

  test('a code is over after five minutes of the clock', async () => {
    const { code = '' } = parametersOf((await signIn(authorizeUrl())).url)
    okta.clock.advance(301)
    expect((await redeem({ code })).body['error']).toBe('invalid_grant')
  })
})

describe('response modes and types', () => {
  test.each([
    ['id_token', ['id_token']],
    ['token', ['access_token']],
    ['id_token token', ['access_token', 'id_token']],
    ['code id_token', ['code', 'id_token']],
    ['code token', ['access_token', 'code']],
    ['token code id_token', ['access_token', 'code', 'id_token']],
  ])('%s comes in the fragment', async (type, names) => {
    const page = await signIn(authorizeUrl({ response_type: type }))
    const fields = parametersOf(page.url)
    expect(page.url).toContain('#')
    const tokens = ['code', 'access_token', 'id_token'].filter((name) => name in fields)
    expect(tokens.toSorted()).toEqual(names)
    const hasId = names.includes('id_token')
    const id = hasId ? payloadOf(fields['id_token']) : {}
    expect('c_hash' in id).toBe(hasId && names.includes('code'))
    expect('at_hash' in id).toBe(hasId && names.includes('access_token'))
    // Without an access token beside it, an ID token has every claim of its scopes.
    expect('email' in id).toBe(hasId && !names.includes('access_token'))
  })

  test('query is the default for a code, and refused for tokens', async () => {
    expect((await signIn(authorizeUrl())).url).toMatch(/\?code=/)
    const page = await createBrowser().open(
      authorizeUrl({ response_type: 'token', response_mode: 'query' }),
      { until: callback },
    )
    expect(parametersOf(page.url)).toMatchObject({
      error: 'unsupported_response_mode',
      state: 'abc',
    })
  })

  test('form_post is a page that posts itself', async () => {
    const browser = createBrowser()
    await signIn(authorizeUrl(), 'carol', browser)
    const response = await browser.send(authorizeUrl({ response_mode: 'form_post' }))
    expect(response.status).toBe(200)
    const html = await response.text()
    expect(html).toMatch(/<form method="post" action="http:\/\/127\.0\.0\.1:9\/cb">/)
    expect(html).toContain('name="code"')
    expect(html).toContain('document.forms[0].submit()')
  })

  test('okta_post_message works with a code too, and names the target origin', async () => {
    const browser = createBrowser()
    await signIn(authorizeUrl(), 'carol', browser)
    const url = authorizeUrl({ response_mode: 'okta_post_message', prompt: 'none' })
    const html = await (await browser.send(url)).text()
    expect(html).toMatch(/postMessage\(\{"code":"\w+","state":"abc"\}, "http:\/\/127\.0\.0\.1:9"\)/)
  })
})

describe('what cannot go on', () => {
  test.each([
    ['an unknown client', { client_id: 'nobody' }],
    ['a redirect elsewhere', { redirect_uri: 'https://attacker.example/' }],
  ])('%s ends on a page, not at the redirect URI', async (_, more) => {
    const response = await fetch(authorizeUrl(more), { redirect: 'manual' })
    expect(response.status).toBe(400)
    expect(response.headers.get('content-type')).toMatch(/^text\/html/)
  })

  test.each([
    ['state', { state: 'no good' }, 'invalid_request', /invalid 'state'/],
    ['nonce', { response_type: 'id_token', nonce: '' }, 'invalid_request', /'nonce' parameter/],
    ['type', { response_type: 'magic' }, 'unsupported_response_type', /not supported/],
    ['prompt', { prompt: 'none login' }, 'invalid_request', /'prompt' parameter/],
    ['scope', { scope: 'openid nothing' }, 'invalid_scope', /not configured/],
    ['plain', { code_challenge: challenge }, 'invalid_request', /Valid values: \[S256\]/],
    ['max_age', { max_age: '-1' }, 'invalid_request', /'max_age'/],
    ['no session', { prompt: 'none' }, 'login_required', /user is not logged in/],
    ['needs PKCE', { client_id: 'spa' }, 'invalid_request', /code challenge is required/],
    ['a machine', { client_id: 'service' }, 'invalid_request', /'application_type' of 'service'/],
  ])('%s goes back to the client', async (_, more: Record<string, string>, error, text) => {
    const named = more['client_id'] ? { client_id: okta.app(more['client_id']).clientId } : {}
    const url = authorizeUrl({ ...more, ...named })
    const page = await createBrowser().open(url, { until: callback })
    const fields = parametersOf(page.url)
    expect(fields['error']).toBe(error)
    expect(fields['error_description']).toMatch(text)
  })
})

describe('signing in', () => {
  test('a wrong password says so on the page, whoever it was for', async () => {
    const browser = createBrowser()
    const page = await browser.open(authorizeUrl())
    for (const username of ['carol', 'nobody']) {
      const next = await browser.submit(page, { username, password: 'wrong' })
      expect(next.html).toContain('Unable to sign in')
    }
  })

  test('a session needs no page; prompt=login and max_age ask again', async () => {
    const browser = createBrowser()
    await signIn(authorizeUrl(), 'carol', browser)
    const silent = await browser.open(authorizeUrl({ prompt: 'none' }), { until: callback })
    expect(parametersOf(silent.url)['code']).toBeDefined()
    expect((await browser.open(authorizeUrl({ prompt: 'login' }))).html).toContain('Sign In')
    okta.clock.advance(61)
    const old = await browser.open(authorizeUrl({ max_age: '60', prompt: 'none' }), {
      until: callback,
    })
    expect(parametersOf(old.url)['error_description']).toMatch(/requires re-authentication or MFA/)
  })

  test.each(['totp', 'sms'])('two factors: password and %s', async (kind) => {
    okta.settings.disabledAuthenticators = kind === 'totp' ? ['sms'] : ['totp']
    const browser = createBrowser()
    const url = authorizeUrl({ client_id: okta.app('strict').clientId })
    const page = await signIn(url, 'alice', browser)
    expect(page.html).toContain('name="code"')
    const wrong = await browser.submit(page, { code: 'abc' })
    expect(wrong.html).toContain('role="alert"')
    const code = kind === 'sms' ? okta.inbox('alice').lastCode() : okta.phone('alice').code()
    const done = await browser.submit(wrong, { code }, { until: callback })
    const answer = await redeem({ code: parametersOf(done.url)['code'] ?? '' }, 'strict')
    expect(payloadOf(answer.body['id_token'])['amr']).toEqual([
      'pwd',
      kind === 'sms' ? 'sms' : 'otp',
      'mfa',
    ])
    okta.settings.disabledAuthenticators = []
  })

  test('two factors: password and push', async () => {
    const browser = createBrowser()
    const url = authorizeUrl({ client_id: okta.app('strict').clientId })
    const page = await signIn(url, 'bob', browser)
    const waiting = await browser.submit(page)
    expect(waiting.html).toContain('still waits')
    okta.phone('bob').approve()
    const done = await browser.submit(waiting, {}, { until: callback })
    expect(parametersOf(done.url)['code']).toBeDefined()
  })

  test('a user without a second factor cannot meet acr_values', async () => {
    const page = await signIn(authorizeUrl({ acr_values: 'urn:okta:loa:2fa:any' }))
    expect(parametersOf(page.url)['error']).toBe('unmet_authentication_requirements')
  })

  test('acr_values that hold are in both tokens; unknown ones are ignored', async () => {
    const page = await signIn(authorizeUrl({ acr_values: 'unknown urn:okta:loa:1fa:pwd' }))
    const { body } = await redeem({ code: parametersOf(page.url)['code'] ?? '' })
    expect(payloadOf(body['access_token'])['acr']).toBe('urn:okta:loa:1fa:pwd')
    expect(payloadOf(body['id_token'])['acr']).toBe('urn:okta:loa:1fa:pwd')
  })
})
