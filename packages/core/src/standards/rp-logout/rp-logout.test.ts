import { createBrowser, createAuthorizationServer } from '@portcullis/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { arrive, begin, callback, registeredAt } from '../../../../../test/e2e/support/sign-in.ts'
import { Outage } from '../../errors/outage.ts'
import { endSessionUrl } from './rp-logout.ts'

const issuer = 'https://id.test'
const metadata = { issuer, end_session_endpoint: `${issuer}/logout?tenant=a` }

test('a browser is sent with the name of the client, and nothing that is not there', () => {
  const url = endSessionUrl(metadata, { clientId: 'web', idTokenHint: undefined })
  expect(url?.href).toBe(`${issuer}/logout?tenant=a&client_id=web`)
})

test('with the ID token, where to come back to, and what to bring', () => {
  const url = endSessionUrl(metadata, {
    clientId: 'web',
    idTokenHint: 'a.b.c',
    postLogoutRedirectUri: 'https://app.test/?a=b&c',
    state: 's 1',
    logoutHint: 'alice@mail.test',
  })
  expect(Object.fromEntries(url?.searchParams ?? [])).toEqual({
    tenant: 'a',
    client_id: 'web',
    id_token_hint: 'a.b.c',
    post_logout_redirect_uri: 'https://app.test/?a=b&c',
    state: 's 1',
    logout_hint: 'alice@mail.test',
  })
})

test('an issuer without such a place has none', () => {
  expect(endSessionUrl({ issuer }, { clientId: 'web' })).toBeUndefined()
})

test.each([
  'javascript:alert(1)',
  'nowhere',
  'https://',
  '',
  'http://id.test/logout',
  'https://user:secret@id.test/logout',
])('a place that no browser may be sent to is an outage: %j', (end_session_endpoint) => {
  const make = () => endSessionUrl({ issuer, end_session_endpoint }, { clientId: 'web' })
  expect(make).toThrow(Outage)
})

test('over plain http, where the issuer was allowed it', () => {
  const allowed = { issuer: 'http://id.test', end_session_endpoint: 'http://id.test/logout' }
  expect(endSessionUrl(allowed, { clientId: 'web' })?.origin).toBe('http://id.test')
})

test('a server ends its session and sends the browser back', async () => {
  const server = await createAuthorizationServer({ algorithms: [] })
  onTestFinished(() => server.close())
  const at = registeredAt(server, { id: 'web', secret: 'web-secret' })
  const attempt = await begin(at)
  const answer = await at.client.validateAnswer(
    (await arrive(attempt.url)).searchParams,
    attempt.state,
  )
  const { idToken } = await at.client.exchangeCode(answer, attempt)
  const url = endSessionUrl(await at.client.server(), {
    clientId: 'web',
    idTokenHint: idToken,
    postLogoutRedirectUri: callback,
    state: 'bye',
  })
  const left = await createBrowser().open(url?.href ?? '', { until: callback })
  expect(left.url).toBe(`${callback}?state=bye`)
})
