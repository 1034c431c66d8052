import { afterEach, describe, expect, test } from 'vitest'
import type { LoginOptions } from '../../packages/core/src/login/options.ts'
import { jarm } from '../../packages/core/src/standards/jarm/jarm.ts'
import { par } from '../../packages/core/src/standards/par/par.ts'
import { createWorlds, demanding, hybrid, implicit, lieTo } from '../support/adversary.ts'
import { formPost } from '../../packages/core/src/login/response-mode.ts'
import { base, type World } from '../support/login-world.ts'
import { createLoneBrowser, formIn, valuesOf } from '../support/lone-browser.ts'
import { hostile, type Lies, type LyingIssuerOptions } from '../support/lying-issuer.ts'

const { build, end } = createWorlds()
afterEach(end)

describe('an honest issuer signs people in', () => {
  test.each<[string, Partial<LoginOptions>, LyingIssuerOptions]>([
    ['with ES256', {}, {}],
    ['with RS256', {}, { algorithm: 'RS256' }],
    ['with PS256', {}, { algorithm: 'PS256' }],
    ['with EdDSA', {}, { algorithm: 'EdDSA' }],
    ['a public client', {}, { client: { id: 'client-1' } }],
    ['by hybrid flow', hybrid, {}],
    ['by implicit flow', implicit, {}],
    ['where much is demanded', demanding, {}],
    ['by a pushed request', { delivery: par() }, {}],
    ['by a signed answer', { responseMode: jarm({ mode: 'query.jwt' }) }, {}],
    ['by a signed and posted answer', { responseMode: jarm({ mode: 'form_post.jwt' }) }, {}],
  ])('%s', async (_how, options, given) => {
    const { signIn, isSignedIn, failures } = await build(options, given)
    const seen = await signIn('/account?tab=2')
    expect(failures).toEqual([])
    expect([seen.status, seen.url]).toEqual([200, `${base}/account?tab=2`])
    expect(JSON.parse(seen.body)).toMatchObject({ sub: 'user-1', name: 'Ada' })
    expect(await isSignedIn()).toBe(true)
  })
})

describe('an answer that lies is refused, and its code goes nowhere:', () => {
  test.each<[string, Lies, string, string]>([
    ['another state', { state: 'wrong' }, 'login_unknown', 'transaction'],
    ['no state', { state: 'missing' }, 'login_answer_invalid', 'state'],
    ['two states', { state: 'twice' }, 'login_answer_invalid', 'state'],
    ['no code', { code: 'missing' }, 'login_answer_invalid', 'code'],
    ['two codes', { code: 'twice' }, 'login_answer_invalid', 'code'],
    ['another issuer', { iss: 'wrong' }, 'login_answer_invalid', 'iss'],
    [
      'another issuer and its code',
      { iss: 'wrong', code: 'foreign' },
      'login_answer_invalid',
      'iss',
    ],
    ['no issuer, though it was promised', { iss: 'missing' }, 'login_answer_invalid', 'iss'],
    ['two issuers', { iss: 'twice' }, 'login_answer_invalid', 'iss'],
    ['posted, though not asked for', { mode: 'form_post' }, 'login_answer_invalid', 'state'],
    ['in a fragment', { mode: 'fragment' }, 'login_answer_invalid', 'state'],
  ])('%s', async (_what, lies, code, check) => {
    const target = await build()
    expect(await lieTo(target, lies)).toMatchObject({ status: 400, code, check })
    expect(target.issuer.requests.count('token')).toBe(0)
    expect(target.issuer.requests.count('authorize')).toBe(1)
  })

  test('in the query, though a form was asked for', async () => {
    const target = await build(hybrid)
    expect(await lieTo(target, { mode: 'query' })).toMatchObject({
      status: 400,
      code: 'login_answer_invalid',
    })
    expect(target.issuer.requests.count('token')).toBe(0)
  })

  test.each<[string, Partial<LoginOptions>]>([
    ['a form', { responseMode: formPost }],
    ['a signed form', { responseMode: jarm({ mode: 'form_post.jwt' }) }],
  ])('in the query beside an empty error, though %s was asked for', async (_what, options) => {
    const target = await build(options)
    const { hops } = await target.browser.open('/account', { until: `${base}/callback` })
    const asked = new URL(
      valuesOf(hops.findLast(({ ours }) => ours)?.headers ?? [], 'location')[0] ?? '',
    )
    const iss = encodeURIComponent(target.issuer.url)
    const state = encodeURIComponent(asked.searchParams.get('state') ?? '')
    for (const error of ['error=', 'error=&error=x', 'error=x&error=', 'error=x']) {
      // oxlint-disable-next-line no-await-in-loop -- says which one it was
      const seen = await target.browser.open(
        `/callback?${error}&code=c&id_token=&iss=${iss}&state=${state}`,
      )
      expect(seen.status).toBe(400)
    }
    expect(target.failures.map(({ code }) => code)).toEqual(ended)
    expect(target.issuer.requests.count('token')).toBe(0)
  })

  // Refused for how they came; the third says twice what went wrong, and ends the login.
  const ended = [
    'login_answer_invalid',
    'login_answer_invalid',
    'login_answer_invalid',
    'login_unknown',
  ]

  test('an empty ID token stands for no issuer that was promised', async () => {
    const target = await build()
    target.issuer.lie({ iss: 'missing' })
    const seen = await target.browser.open('/account', { until: `${base}/callback` })
    const [answer = ''] = valuesOf(seen.headers, 'location')
    expect((await target.browser.open(`${answer}&id_token=`)).status).toBe(400)
    expect(target.failures.at(-1)).toMatchObject({
      code: 'login_answer_invalid',
      trail: { check: 'iss' },
    })
    expect(target.issuer.requests.count('token')).toBe(0)
  })

  test('an issuer that never promised to name itself need not', async () => {
    const target = await build()
    const metadata = { authorization_response_iss_parameter_supported: undefined }
    target.issuer.lie({ iss: 'missing', metadata })
    expect((await target.signIn()).status).toBe(200)
  })

  test('a code of another issuer is tried once more, and not again', async () => {
    const target = await build()
    expect(await lieTo(target, { code: 'foreign' })).toMatchObject({
      status: 400,
      code: 'grant_refused',
    })
    expect(target.issuer.requests.count('authorize')).toBe(2)
  })

  test.each<[string, Lies['answer']]>([
    ['aud', 'other-audience'],
    ['iss', 'other-issuer'],
    ['exp', 'expired'],
    ['key', 'unknown-key'],
    ['signature', 'unknown-key-known-kid'],
    ['signature', 'tampered'],
    ['shape', 'none'],
    ['algorithm', 'hs256-secret'],
    ['algorithm', 'hs256-public-key'],
  ])('a signed answer: its %s, because it is %s', async (_check, answer) => {
    const target = await build({ responseMode: jarm({ mode: 'query.jwt', now: () => Date.now() }) })
    expect(await lieTo(target, answer === undefined ? {} : { answer })).toMatchObject({
      status: 400,
      code: 'login_answer_invalid',
    })
    expect(target.issuer.requests.count('token')).toBe(0)
  })
})

describe('an answer belongs to the browser that asked for it:', () => {
  const answerTo = async ({ browser }: World): Promise<string> => {
    const { headers } = await browser.open('/account?tab=2', { until: `${base}/callback` })
    return valuesOf(headers, 'location')[0] ?? ''
  }

  test.each([
    ['in the query', {}],
    ['in a form', { responseMode: formPost }],
  ])('another browser is sent to sign in for itself (%s)', async (_how, options) => {
    const { browser, issuer, handler } = await build(options)
    const seen = await browser.open('/account', { until: `${base}/callback` })
    const [location] = valuesOf(seen.headers, 'location')
    const form = formIn(seen.body)
    const victim = createLoneBrowser(base, handler)
    const answer = location === undefined ? { form } : {}
    const last = await victim.open(location ?? '/callback', { ...answer, until: issuer.url })
    expect(valuesOf(last.headers, 'location')[0]).toMatch(/\/authorize\?/)
    expect(victim.cookiesFor('/')).not.toMatch(/__Host-[\w-]+(?<!-attempt-[\w-]{16})=/)
    expect(issuer.requests.count('token')).toBe(0)
  })

  test('a transaction that a neighbour has planted signs nobody in', async () => {
    const attacker = await build()
    const answer = await answerTo(attacker)
    const cookies = attacker.browser.cookiesFor(answer).split('; ')
    const planted = cookies.find((cookie) => cookie.startsWith('__Secure-')) ?? ''
    expect(planted).toContain('-login-')
    const victim = createLoneBrowser(base, attacker.handler)
    const headers = { cookie: `a=1; ${planted}` }
    const seen = await victim.open(answer, { headers, until: `${base}/login` })
    expect(seen.status).toBe(302)
    expect(attacker.failures.at(-1)).toMatchObject({
      code: 'login_unknown',
      trail: { presented: 'not begun here' },
    })
    expect(attacker.issuer.requests.count('token')).toBe(0)
    // Whoever began it may end it.
    expect((await attacker.browser.open(answer)).status).toBe(200)
  })

  test('when it comes again it leads to where the login led', async () => {
    const world = await build()
    const { browser, issuer, isSignedIn } = world
    const answer = await answerTo(world)
    for (let times = 0; times < 2; times++) {
      const seen = await browser.open(answer)
      expect([seen.status, seen.url]).toEqual([200, `${base}/account?tab=2`])
    }
    expect(issuer.requests.count('token')).toBe(1)
    expect(await isSignedIn()).toBe(true)
  })

  test('when it comes too late the login begins anew, once', async () => {
    const target = await build()
    const answer = await answerTo(target)
    target.clock.advance(601)
    const seen = await target.browser.open(answer, { until: target.issuer.url })
    const [location = ''] = valuesOf(seen.headers, 'location')
    expect(location).toContain('/authorize?')
    const next = await target.browser.open(location, { until: `${base}/callback` })
    target.clock.advance(601)
    const [again = ''] = valuesOf(next.headers, 'location')
    expect((await target.browser.open(again)).status).toBe(400)
    expect(target.failures.at(-1)?.code).toBe('login_unknown')
    expect(target.issuer.requests.count('token')).toBe(0)
  })
})

describe('an error answer becomes what it means, and never a loop:', () => {
  test.each([
    ['access_denied', 400, 'login_denied'],
    ['login_required', 400, 'login_interaction_needed'],
    ['interaction_required', 400, 'login_interaction_needed'],
    ['unmet_authentication_requirements', 400, 'login_unmet'],
    ['invalid_scope', 400, 'login_request_refused'],
    ['made_up', 400, 'login_request_refused'],
    ['temporarily_unavailable', 503, 'endpoint_failed'],
    ['server_error', 503, 'endpoint_failed'],
  ])('%s', async (error, status, code) => {
    const target = await build()
    expect(await lieTo(target, { error: { error } })).toMatchObject({ status, code })
    expect(target.issuer.requests.count('authorize')).toBe(1)
  })

  test.each(Object.entries(hostile))('in words that are %s', async (_kind, words) => {
    for (const options of [{}, hybrid]) {
      const target = await build(options)
      const error = {
        error: `x${words.slice(0, 99)}`,
        description: words,
        uri: `javascript:${words.slice(0, 99)}`,
      }
      const { seen, code } = await lieTo(target, { error })
      expect(code).toBe('login_request_refused')
      expect(seen.body).not.toMatch(/<script|<img|onerror|alert|long long|Set-Cookie|split/)
      const fields = seen.headers.map(([name, value]) => `${name}: ${value}`)
      expect(fields.filter((field) => !/^[\x20-\x7e]+$/.test(field))).toEqual([])
      expect(valuesOf(seen.headers, 'set-cookie').join()).not.toContain('stolen')
      expect(seen.body.length).toBeLessThan(2000)
      const logged = target.failures.map((one) => JSON.stringify([one.message, one]))
      expect(logged.join().length).toBeLessThan(4000)
      expect(logged.join()).not.toMatch(/\\r|\\n|\\u00/)
      await target.close()
    }
  })

  test('with another state, or from another issuer, it is no answer at all', async () => {
    const target = await build()
    const error = { error: 'access_denied' }
    expect(await lieTo(target, { error, iss: 'wrong' })).toMatchObject({
      code: 'login_answer_invalid',
    })
    expect(await lieTo(target, { error, state: 'wrong' })).toMatchObject({ code: 'login_unknown' })
  })
})

describe('an issuer that fails is an outage, and nobody is signed in:', () => {
  const breakages = [
    'error-500',
    'hang',
    'html',
    'huge',
    'redirect',
    'slow',
    'garbage',
    'array',
    'reset',
  ] as const

  test.each(breakages)('its token endpoint: %s', async (token) => {
    const target = await build()
    const outcome = await lieTo(target, { token })
    expect(outcome).toMatchObject({ status: 503, code: 'endpoint_failed' })
    expect(valuesOf(outcome.seen.headers, 'retry-after')).toEqual([expect.stringMatching(/^\d+$/)])
    expect(target.issuer.requests.count('token')).toBe(1)
  })

  test.each(breakages)('its place for pushed requests: %s', async (lie) => {
    const target = await build({ delivery: par() })
    expect(await lieTo(target, { par: lie })).toMatchObject({
      status: 503,
      code: 'endpoint_failed',
    })
    expect(target.issuer.requests.count('authorize')).toBe(0)
  })

  test.each(['error-500', 'html', 'redirect', 'garbage', 'array', 'reset'] as const)(
    'its metadata: %s',
    async (discovery) => {
      const target = await build()
      const { status, code } = await lieTo(target, { discovery })
      expect(status).toBe(503)
      expect(code).toMatch(/^issuer_(?:unreachable|invalid)$/)
    },
  )

  test.each(['error-500', 'html', 'redirect', 'garbage', 'array', 'reset'] as const)(
    'its keys: %s',
    async (keys) => {
      const { status, code } = await lieTo(await build(), { keys })
      expect(status).toBe(503)
      expect(code).toMatch(/^keys_(?:unreachable|invalid)$/)
    },
  )

  test.each<[string, Record<string, unknown>]>([
    ['another issuer', { issuer: 'https://evil.test' }],
    ['no place to sign in', { authorization_endpoint: undefined }],
    ['a script as the place to sign in', { authorization_endpoint: 'javascript:alert(1)' }],
    ['a place to sign in without protection', { authorization_endpoint: 'http://evil.test/' }],
    ['a number', { authorization_endpoint: 7 }],
  ])('metadata that name %s', async (_what, metadata) => {
    const target = await build()
    expect(await lieTo(target, { metadata })).toMatchObject({ status: 503 })
    expect(target.issuer.requests.count('authorize')).toBe(0)
  })

  test('and a login goes on once the issuer is well again', async () => {
    const target = await build()
    await lieTo(target, { token: 'error-500' })
    target.issuer.repent()
    expect((await target.signIn()).status).toBe(200)
  })
})

describe('a token answer that makes no sense signs nobody in:', () => {
  test.each<[string, Lies]>([
    ['no access token', { token: 'no-access-token' }],
    ['a token that is a number', { tokenMembers: { access_token: 7 } }],
    ['no type', { tokenMembers: { token_type: undefined } }],
    ['a type nobody knows', { tokenMembers: { token_type: 'mac' } }],
    ['a type nobody asked for', { tokenMembers: { token_type: 'DPoP' } }],
    ['a lifetime below nothing', { tokenMembers: { expires_in: -1 } }],
    ['a lifetime that is no number', { tokenMembers: { expires_in: 'soon' } }],
    ['a scope that is a list', { tokenMembers: { scope: ['openid'] } }],
    ['a refresh token that is a number', { tokenMembers: { refresh_token: 7 } }],
    ['an ID token that is a number', { tokenMembers: { id_token: 7 } }],
  ])('%s', async (_what, lies) => {
    const { status } = await lieTo(await build(), lies)
    expect([400, 503]).toContain(status)
  })

  test.each<[string, unknown]>([
    ['absurd', 1e308],
    ['a text', '300'],
    ['nothing at all', undefined],
    ['zero', 0],
  ])('while a lifetime that is %s harms nobody', async (_what, expires) => {
    const { issuer, signIn, browser } = await build()
    issuer.lie({ tokenMembers: { expires_in: expires } })
    expect((await signIn()).status).toBe(200)
    expect((await browser.open('/token')).status).toBe(200)
  })

  test('cookies of the issuer stay with the issuer', async () => {
    const { issuer, signIn, browser } = await build()
    issuer.lie({ cookies: ['__Host-session=stolen; Path=/', 'other=stolen'] })
    const { hops } = await signIn()
    const ours = hops.filter((hop) => hop.ours).flatMap(({ headers }) => headers)
    expect(JSON.stringify(ours)).not.toContain('stolen')
    expect(browser.cookiesFor('/')).not.toContain('stolen')
  })
})

describe('pushed requests', () => {
  test.each<[string, Partial<LoginOptions>, Lies]>([
    [
      'are made where the issuer demands it',
      {},
      { metadata: { require_pushed_authorization_requests: true } },
    ],
    ['are made where the application wants it', { delivery: par() }, {}],
    ['may be answered by 200 too', { delivery: par() }, { par: 'status-200' }],
  ])('%s', async (_what, options, lies) => {
    const { issuer, signIn } = await build(options)
    issuer.lie(lies)
    expect((await signIn()).status).toBe(200)
    const shown = issuer.requests.last('authorize').parameters
    expect([...shown.keys()].toSorted()).toEqual(['client_id', 'request_uri'])
  })

  test.each(['no-request-uri', 'refused'] as const)('fail by %s', async (lie) => {
    const target = await build({ delivery: par() })
    const { status } = await lieTo(target, { par: lie })
    expect(status).toBe(lie === 'refused' ? 400 : 503)
    expect(target.issuer.requests.count('authorize')).toBe(0)
  })
})
