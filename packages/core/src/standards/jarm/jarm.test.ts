import { createAuthorizationServer, createBrowser, createClock } from '@portcullis/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  createClientScene,
  createEndpoints,
  rejection,
} from '../../../../../test/e2e/support/endpoints.ts'
import { begin, registeredAt } from '../../../../../test/e2e/support/sign-in.ts'
import { ConfigurationError } from '../../errors/configuration.ts'
import { Outage } from '../../errors/outage.ts'
import type { HttpRequest } from '../../http/request.ts'
import { createIssuer } from '../../issuer/create.ts'
import { createSignedReader } from '../jwt/signed.ts'
import { jarm, type JarmOptions } from './jarm.ts'

const start = 1_700_000_000
const clock = createClock(start * 1000)
const { tokens, client } = createClientScene('https://id.test', { id: 'web' })
const readSigned = createSignedReader({
  issuer: createIssuer({ issuer: tokens.issuer, jwks: tokens.jwks }),
})
const answered = (claims: object = {}, header: object = {}) =>
  tokens.sign(
    { alg: 'ES256', kid: tokens.kid, ...header },
    { iss: tokens.issuer, aud: 'web', exp: start + 60, state: 's-1', code: 'c-1', ...claims },
  )

const request = (query: string, form = ''): HttpRequest => ({
  method: form === '' ? 'GET' : 'POST',
  url: `https://app.test/callback?${query}`,
  header: () => undefined,
  form: () => Promise.resolve(new URLSearchParams(form)),
})
const mode = jarm({ mode: 'query.jwt', now: clock.now })
const parts = { client, readSigned }
const read = async (response: string) =>
  Object.fromEntries(await mode.read(request(`response=${response}`), parts))

test('says how it wants to be answered', () => {
  expect(mode).toMatchObject({ name: 'query.jwt', posts: false })
  expect(jarm({ mode: 'form_post.jwt' })).toMatchObject({ name: 'form_post.jwt', posts: true })
})

test('gives what was signed, as the parameters of a plain answer', async () => {
  expect(await read(answered())).toEqual({ iss: tokens.issuer, state: 's-1', code: 'c-1' })
  expect(await read(answered({ aud: ['other', 'web'], expires_in: 3 }))).toHaveProperty('code')
  const failed = { code: undefined, error: 'access_denied', error_description: 'no' }
  expect(await read(answered(failed))).toMatchObject({ error: 'access_denied', state: 's-1' })
})

test('reads it from the form that was posted', async () => {
  const posted = jarm({ mode: 'form_post.jwt', now: clock.now })
  const inForm = request('', `response=${answered()}`)
  expect((await posted.read(inForm, parts)).get('code')).toBe('c-1')
  const inQuery = request(`response=${answered()}`, 'code=c-1')
  expect(await rejection(posted.read(inQuery, parts))).toMatchObject({
    code: 'login_answer_invalid',
  })
})

describe('does not believe', () => {
  test.each([
    ['another issuer', answered({ iss: 'https://evil.test' }), 'iss'],
    ['no issuer', answered({ iss: undefined }), 'iss'],
    ['another audience', answered({ aud: 'spa' }), 'aud'],
    ['no audience', answered({ aud: undefined }), 'aud'],
    ['what has expired', answered({ exp: start - 5 }), 'exp'],
    ['what never expires', answered({ exp: undefined }), 'exp'],
    ['an expiry that is text', answered({ exp: '9999999999' }), 'exp'],
    ['another key', answered({}, { kid: 'x' }), 'key'],
    ['no signature', answered({}, { alg: 'none' }), 'algorithm'],
    ['another signature', `${answered().slice(0, -8)}AAAAAAAA`, 'signature'],
    ['what is no JWT', 'x', 'shape'],
  ])('%s', async (_name, response, check) => {
    expect(await rejection(read(response))).toMatchObject({
      code: 'login_answer_invalid',
      status: 400,
      trail: { check },
    })
  })

  test.each([
    ['an answer that is not signed', 'code=c-1&state=s-1'],
    ['an error that is not signed', 'error=access_denied&state=s-1'],
    ['two answers', `response=${answered()}&response=${answered()}`],
    ['an empty answer', 'response='],
  ])('%s', async (_name, query) => {
    expect(await rejection(mode.read(request(query), parts))).toMatchObject({
      code: 'login_answer_invalid',
    })
  })
})

test('an expiry may miss by the tolerance', async () => {
  expect(await read(answered({ exp: start - 4 }))).toHaveProperty('code')
  const strict = jarm({ mode: 'query.jwt', now: clock.now, clockTolerance: 0 })
  const late = request(`response=${answered({ exp: start })}`)
  expect(await rejection(strict.read(late, parts))).toMatchObject({ trail: { check: 'exp' } })
})

test('keys that cannot be had are an outage', async () => {
  const failing = () => Promise.reject(new Outage('keys_unreachable', 'down'))
  const error = await rejection(
    mode.read(request(`response=${answered()}`), { client, readSigned: failing }),
  )
  expect(Outage.is(error)).toBe(true)
})

describe('of a real server', () => {
  const goOn = async (posts: boolean, redirectUri: string, came: () => HttpRequest) => {
    const name = posts ? 'form_post.jwt' : 'query.jwt'
    const server = await createAuthorizationServer({ algorithms: [] })
    onTestFinished(() => server.close())
    const at = registeredAt(server, { id: 'web', secret: 'web-secret' })
    const wanted = { response_mode: name, redirect_uri: redirectUri }
    const attempt = await begin(at, wanted)
    await createBrowser().open(attempt.url.href)
    const answer = await jarm({ mode: name }).read(came(), at)
    const checked = await at.client.validateAnswer(answer, attempt.state)
    return at.client.exchangeCode(checked, attempt)
  }

  test.each([false, true])('posted: %s', async (posts) => {
    const endpoints = await createEndpoints()
    onTestFinished(() => endpoints.close())
    endpoints.answer('/callback', { body: { ok: true } })
    const tokenSet = await goOn(posts, `${endpoints.url}/callback`, () => {
      const { query, form } = endpoints.last()
      return request(query, form.toString())
    })
    expect(tokenSet).toHaveProperty('idToken', expect.any(String))
  })
})

test.each([{}, { mode: 'query' }, { mode: 'query.jwt', more: 1 }])('%j is a mistake', (options) => {
  // From JavaScript anything may come.
  expect(() => jarm(options as JarmOptions)).toThrow(ConfigurationError)
})
