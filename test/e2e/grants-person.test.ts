import { createBrowser, createAuthorizationServer } from '@portcullis/testkit'
import { createClient, type ClientSettings } from '@portcullis/core'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { rejection } from './support/endpoints.ts'

const server = await createAuthorizationServer()
beforeEach(() => server.signIn.as('alice'))
afterAll(() => server.close())

/** A client that does not really sleep between its polls. */
const clientOf = (id: string, more: Partial<ClientSettings> = {}) =>
  createClient({
    issuer: server.issuer,
    client: id === 'device' ? { id } : { id, secret: `${id}-secret` },
    sleep: () => Promise.resolve(),
    ...more,
  })

/** What the person with the browser does. */
const connect = async (address: string, code: string) => {
  const browser = createBrowser()
  const entered = await browser.submit(await browser.open(address), { user_code: code })
  return browser.submit(entered)
}

describe('a device', () => {
  test('waits until the person has connected it, and has tokens of theirs', async () => {
    const client = clientOf('device')
    const attempt = await client.deviceCode({ scope: 'openid email offline_access' })
    expect(await attempt.poll()).toEqual({ status: 'pending', interval: attempt.interval })
    const seen: string[] = []
    const waiting = attempt.wait({ onProgress: ({ status }) => seen.push(status) })
    await connect(attempt.verificationUri, attempt.userCode)
    const outcome = await waiting
    if (outcome.status !== 'granted') throw new Error(outcome.status)
    const { accessToken, refreshToken = '', claims } = outcome.tokens
    expect(claims).toMatchObject({ sub: 'alice', aud: 'device', iss: server.issuer })
    expect(new Set(seen)).toEqual(new Set(['pending']))

    expect(await client.userinfo(accessToken, 'alice')).toHaveProperty('email', 'alice@mail.test')
    const again = await client.refresh(refreshToken, { subject: 'alice' })
    expect(again.accessToken).not.toBe(accessToken)
    await client.revoke(again.refreshToken ?? refreshToken, 'refresh_token')
    const refused = await rejection(client.refresh(again.refreshToken ?? refreshToken))
    expect(refused).toMatchObject({ code: 'grant_refused' })
  })

  test('is told that the person said no', async () => {
    const attempt = await clientOf('device').deviceCode({ scope: 'openid' })
    const browser = createBrowser()
    const page = await browser.open(attempt.verificationUriComplete ?? '')
    server.signIn.refuse()
    await browser.submit(page, { abort: 'yes' })
    expect(await attempt.wait()).toEqual({ status: 'denied' })
  })

  test('gives up when the code is too old', async () => {
    let now = Date.now()
    const sleep = async (seconds: number) => {
      now += seconds * 1000
    }
    const attempt = await clientOf('device', { now: () => now, sleep }).deviceCode()
    now += 580_000
    expect(await attempt.wait()).toEqual({ status: 'expired' })
  })

  test('goes on through an outage', async () => {
    const attempt = await clientOf('device').deviceCode({ scope: 'openid' })
    await connect(attempt.verificationUri, attempt.userCode)
    server.faults.set('token', { kind: 'status', status: 503 })
    const seen: string[] = []
    const outcome = await attempt.wait({
      onProgress: ({ status }) => {
        seen.push(status)
        if (seen.length === 3) server.faults.clear()
      },
    })
    expect([outcome.status, seen.slice(0, 3)]).toEqual([
      'granted',
      ['unreachable', 'unreachable', 'unreachable'],
    ])
  })
})

describe('a sign-in on another device (CIBA)', () => {
  const client = clientOf('ciba')
  const wish = { loginHint: 'bob', bindingMessage: 'Till 7', scope: 'openid email' }

  test('is approved', async () => {
    const outcome = await (await client.ciba(wish)).wait()
    expect(outcome).toMatchObject({
      status: 'granted',
      tokens: { tokenType: 'bearer', claims: { sub: 'bob', aud: 'ciba' } },
    })
  })

  test('is refused', async () => {
    server.signIn.refuse()
    expect(await (await client.ciba(wish)).wait()).toEqual({ status: 'denied' })
  })

  test('is not answered, until nobody waits any more', async () => {
    server.signIn.byPage()
    const controller = new AbortController()
    const pending = await client.ciba(wish)
    const waiting = pending.wait({
      signal: controller.signal,
      onProgress: ({ polls }) => polls === 3 && controller.abort(new Error('the till was closed')),
    })
    expect(await rejection(waiting)).toHaveProperty('message', 'the till was closed')
  })

  test('is about somebody whom the issuer knows', async () => {
    expect(await rejection(client.ciba({ loginHint: 'nobody' }))).toMatchObject({
      code: 'grant_refused',
      trail: { presented: 'unknown_user_id' },
    })
  })
})

test('nothing failed inside', () => {
  expect(server.errors).toEqual([])
})
