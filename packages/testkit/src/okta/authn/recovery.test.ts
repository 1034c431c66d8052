import { afterEach, describe, expect, it } from 'vitest'
import { createClock, type Clock } from '../../clock.ts'
import { createOkta, type Okta } from '../create.ts'
import type { OktaOptions } from '../options.ts'

interface Reply {
  readonly status: number
  // The wire is what these tests are about: any member may be looked at.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any
  readonly headers: Headers
}

let okta: Okta
let clock: Clock
afterEach(() => okta.close())

const open = async (options: OktaOptions = {}): Promise<void> => {
  clock = createClock()
  okta = await createOkta({ clock, ...options })
}

const send = async (
  method: string,
  address: string,
  body?: object | string,
  headers: Record<string, string> = {},
): Promise<Reply> => {
  const url = address.startsWith('http') ? address : `${okta.url}/api/v1${address}`
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    headers: { 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  const json = text.startsWith('{') ? (JSON.parse(text) as unknown) : text
  return { status: response.status, body: json, headers: response.headers }
}

const post = (address: string, body: object, headers = {}): Promise<Reply> =>
  send('POST', address, body, headers)

const signIn = (more: object = {}, headers = {}): Promise<Reply> =>
  post('/authn', { username: 'alice@example.com', password: 'password', ...more }, headers)

const go = (from: Reply, link: string, body: object = {}): Promise<Reply> =>
  post(from.body['_links'][link].href, { stateToken: from.body.stateToken, ...body })

const verify = (from: Reply, factorType: string, body: object = {}, provider = 'OKTA') => {
  const factor = from.body['_embedded'].factors.find(
    (one: { factorType: string; provider: string }) =>
      one.factorType === factorType && one.provider === provider,
  )
  return post(factor['_links'].verify.href, { stateToken: from.body.stateToken, ...body })
}

const trusted = { authorization: 'SSWS okta-api-token' }

describe('passwords', () => {
  it('that expire are told of where asked for, and can be changed later', async () => {
    await open({ users: { alice: { status: 'PASSWORD_WARN' } } })
    const first = await signIn({ options: { warnBeforePasswordExpired: true } })
    expect(first.body.status).toBe('PASSWORD_WARN')
    expect((await go(first, 'skip')).body.status).toBe('SUCCESS')
    expect((await signIn()).body.status).toBe('SUCCESS')
  })

  it('that have expired are changed after the second factor', async () => {
    await open({
      sessionFactors: 2,
      users: { alice: { status: 'PASSWORD_EXPIRED', factors: ['question'] } },
    })
    const expired = await verify(await signIn(), 'question', { answer: 'blue' })
    expect(expired.body.status).toBe('PASSWORD_EXPIRED')
    const change = (oldPassword: string, newPassword: string) =>
      go(expired, 'next', { oldPassword, newPassword })
    expect((await change('wrong', 'new-password')).body.errorCode).toBe('E0000014')
    expect((await change('password', 'short')).body.errorCode).toBe('E0000080')
    expect((await change('password', 'new-password')).body.status).toBe('SUCCESS')
  })

  it('are set with an activation token', async () => {
    await open()
    const first = await post('/authn', { token: okta.authn.activationToken('carol') })
    expect(first.body.status).toBe('PASSWORD_RESET')
    expect((await go(first, 'next', { newPassword: 'new-password' })).body.status).toBe('SUCCESS')
  })
})

describe('recovery', () => {
  const recover = (more: object, headers = {}) =>
    post('/authn/recovery/password', { username: 'alice@example.com', ...more }, headers)

  it.each(['SMS', 'CALL'])('by %s ends in a new password', async (factorType) => {
    await open()
    const sent = await recover({ factorType })
    expect(sent.body).toMatchObject({ status: 'RECOVERY_CHALLENGE', recoveryType: 'PASSWORD' })
    expect(sent.body['_embedded'].user).toBeUndefined()
    const question = await go(sent, 'next', { passCode: okta.inbox('alice').lastCode() })
    expect(question.body['_embedded'].user.recovery_question).toEqual({
      question: 'Favourite colour?',
    })
    const wrong = await go(question, 'next', { answer: 'red' })
    expect([wrong.status, wrong.body.errorCode]).toEqual([403, 'E0000087'])
    const reset = await go(question, 'next', { answer: 'blue' })
    expect(reset.body.status).toBe('PASSWORD_RESET')
    expect((await go(reset, 'next', { newPassword: 'new-password' })).body.status).toBe('SUCCESS')
  })

  it('looks the same for users that there are not', async () => {
    await open()
    const shape = async (username: string, factorType: string) => {
      const { stateToken, expiresAt, ...body } = (await recover({ username, factorType })).body
      return { ...body, hasToken: stateToken !== undefined, ends: expiresAt !== undefined }
    }
    expect(await shape('nobody', 'SMS')).toEqual(await shape('alice@example.com', 'SMS'))
    expect(await shape('nobody', 'EMAIL')).toEqual(await shape('alice@example.com', 'EMAIL'))
  })

  it('by mail goes on with the link, once', async () => {
    await open({ users: { alice: {} } })
    const mailed = await recover({ factorType: 'EMAIL' })
    expect(mailed.body['_links']).toBeUndefined()
    const recoveryToken = okta.inbox('alice').lastCode('email')
    const reset = await post('/authn/recovery/token', { recoveryToken })
    expect(reset.body.status).toBe('PASSWORD_RESET')
    const again = await post('/authn/recovery/token', { recoveryToken })
    expect([again.status, again.body.errorCode]).toEqual([403, 'E0000105'])
  })

  it('by a trusted caller gives the token, and says what is wrong', async () => {
    await open({ users: { alice: {}, dan: { status: 'LOCKED_OUT' } } })
    const given = await recover({}, trusted)
    expect(given.body).toMatchObject({ status: 'RECOVERY', recoveryToken: expect.any(String) })
    expect((await recover({ username: 'nobody' }, trusted)).body.errorCode).toBe('E0000095')
    expect((await recover({ username: 'dan' }, trusted)).body.errorCode).toBe('E0000119')
    expect((await recover({})).body.errorCode).toBe('E0000006')
  })

  it('ends after five wrong codes', async () => {
    await open()
    const sent = await recover({ factorType: 'SMS' })
    const codes: string[] = []
    for (let tries = 0; tries < 6; tries++) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other is the point
      codes.push((await go(sent, 'next', { passCode: 'wrong' })).body.errorCode)
    }
    expect(codes).toEqual([...Array.from({ length: 5 }, () => 'E0000068'), 'E0000011'])
  })
})

describe('a step-up', () => {
  it('goes on to where it came from, without a session token', async () => {
    await open()
    const original = `${okta.url}/app/orders`
    const stateToken = okta.authn.stepUp(original)
    const first = await post('/authn', { stateToken })
    expect(first.body.status).toBe('UNAUTHENTICATED')
    const done = await go(first, 'next', { username: 'alice@example.com', password: 'password' })
    expect(done.body['_links'].next).toMatchObject({ name: 'original', href: original })
    expect(done.body.sessionToken).toBeUndefined()
  })
})

describe('sessions', () => {
  const session = async (): Promise<Reply> =>
    post('/sessions', { sessionToken: (await signIn()).body.sessionToken })

  it('are read, put off and ended with an API token', async () => {
    await open()
    const { body } = await session()
    expect(body).toMatchObject({ status: 'ACTIVE', amr: ['pwd'], lastFactorVerification: null })
    expect((await send('GET', `/sessions/${body.id}`)).status).toBe(401)
    clock.advance(60)
    const { refresh, self } = body['_links']
    const later = await post(refresh.href, {}, trusted)
    expect(Date.parse(later.body.expiresAt) - Date.parse(body.expiresAt)).toBe(60_000)
    expect((await send('DELETE', self.href, undefined, trusted)).status).toBe(204)
    const gone = await send('GET', self.href, undefined, trusted)
    expect([gone.status, gone.body.errorCode]).toEqual([404, 'E0000007'])
  })

  it('end for a user altogether', async () => {
    await open()
    const { body } = await session()
    const url = `/users/${body.userId}/sessions?oauthTokens=true`
    expect((await send('DELETE', url, undefined, trusted)).status).toBe(204)
    expect((await send('GET', `/sessions/${body.id}`, undefined, trusted)).status).toBe(404)
  })

  it('come as a cookie on the way to a trusted origin', async () => {
    await open({ trustedOrigins: ['https://app.example.com'] })
    const { sessionToken } = (await signIn()).body
    const address = (redirectUrl: string) =>
      `${okta.url}/login/sessionCookieRedirect?${new URLSearchParams({ token: sessionToken, redirectUrl })}`
    expect((await send('GET', address('https://evil.example.com/'))).status).toBe(400)
    const sent = await send('GET', address('https://app.example.com/home'))
    expect([sent.status, sent.headers.get('location')]).toEqual([
      302,
      'https://app.example.com/home',
    ])
    const cookie = sent.headers.get('set-cookie')?.split(';')[0] ?? ''
    expect(cookie).toMatch(/^idx=/)
    const mine = await send('GET', '/sessions/me', undefined, { cookie })
    expect(mine.body.login).toBe('alice@example.com')
    expect((await send('DELETE', '/sessions/me', undefined, { cookie })).status).toBe(204)
    expect((await send('GET', '/sessions/me', undefined, { cookie })).status).toBe(404)
    expect((await send('GET', address('https://app.example.com/home'))).status).toBe(400)
  })

  it('of the Classic Engine go before a token that would make another', async () => {
    await open({ identityEngine: false, trustedOrigins: ['https://app.example.com'] })
    const visit = async (headers = {}, username = 'alice@example.com') => {
      const token = (await signIn({ username })).body.sessionToken
      const query = new URLSearchParams({ token, redirectUrl: 'https://app.example.com/' })
      return send('GET', `${okta.url}/login/sessionCookieRedirect?${query}`, undefined, headers)
    }
    const first = await visit()
    const cookie = first.headers.get('set-cookie')?.split(';')[0] ?? ''
    expect(cookie).toMatch(/^sid=/)
    const second = await visit({ cookie }, 'bob@example.com')
    expect([second.status, second.headers.get('set-cookie')]).toEqual([302, null])
  })
})
