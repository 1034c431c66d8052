import {
  createAuthorizationServer,
  createBrowser,
  type AuthorizationServer,
} from '@portcullis/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { describeWith } from '../support/binaries.ts'
import { libraries } from './support/redis-clients.ts'
import { startRedis, type RedisServer } from './support/redis-server.ts'
import { startProcess, type SessionProcess } from './support/session-processes.ts'

describeWith(['redis-server'], 'two processes over one Redis', (binary = '') => {
  let redis: RedisServer
  let server: AuthorizationServer
  beforeAll(async () => {
    redis = await startRedis(binary)
    server = await createAuthorizationServer({ rotateRefreshTokens: true })
  })
  afterAll(async () => {
    await server?.close()
    await redis?.close()
  })

  describe.each(['stored', 'sealed'] as const)('with %s sessions', (kind) => {
    let both: readonly [SessionProcess, SessionProcess]
    let trial = 0
    let browser: ReturnType<typeof createBrowser>

    beforeEach(async () => {
      const shared = {
        issuer: server.issuer,
        path: redis.path,
        kind,
        prefix: `${kind}-${trial++}`,
      }
      const first = await startProcess(shared)
      both = [first, await startProcess({ ...shared, baseUrl: first.url })]
      browser = createBrowser()
      const { status } = await browser.open(`${first.url}/account`)
      if (status !== 200) throw new Error(`the login ended with ${status}`)
      server.requests.reset()
    })
    afterEach(async () => {
      server.faults.clear()
      redis.thaw()
      await Promise.all(both.map(({ close }) => close()))
    })

    const headers = { accept: 'application/json', 'sec-fetch-mode': 'cors' }
    const ask = async (at: 0 | 1, path: string, who = browser) => {
      const answer = await who.send(both[at].url + path, { headers })
      return { status: answer.status, body: (await answer.json()) as { readonly token?: string } }
    }
    const expire = () => Promise.all(both.map(({ advance }) => advance(301)))
    const copy = () => {
      const cookie = browser.cookiesFor(both[0].url)
      return async (at: 0 | 1) =>
        (await createBrowser().send(`${both[at].url}/account`, { headers: { ...headers, cookie } }))
          .status
    }
    const renewalBegan = () =>
      expect.poll(() => server.requests.of('token'), { timeout: 10_000, interval: 10 }).toBe(1)
    const many = () =>
      Promise.all(Array.from({ length: 100 }, (_, n) => ask(n % 2 === 0 ? 0 : 1, '/token')))

    it('of a hundred requests one asks the issuer, and all get its token', async () => {
      for (let round = 1; round <= 3; round++) {
        await expire()
        const answers = await many()
        expect(answers.filter(({ status }) => status !== 200)).toEqual([])
        expect(new Set(answers.map(({ body }) => body.token)).size).toBe(1)
        expect(server.requests.of('token')).toBe(round)
      }
      expect(server.errors).toEqual([])
    })

    it('a logout in one is seen by the other at once', async () => {
      const seen = copy()
      expect([await seen(0), await seen(1)]).toEqual([200, 200])
      const answer = await browser.send(`${both[0].url}/logout`, { method: 'POST' })
      expect(answer.status).toBe(303)
      expect([await seen(1), await seen(0)]).toEqual([401, 401])
    })

    it('a logout while the other renews wins', async () => {
      await expire()
      const seen = copy()
      server.faults.set('token', { kind: 'slow', seconds: 1 })
      const renewing = ask(1, '/token', createBrowserWith(browser, both[1].url))
      await renewalBegan()
      await browser.send(`${both[0].url}/logout`, { method: 'POST' })
      await renewing
      expect([await seen(0), await seen(1)]).toEqual([401, 401])
    })

    it('while Redis does not answer they say so in time, and nothing is lost', async () => {
      await expire()
      redis.freeze()
      const began = performance.now()
      const asked = await Promise.all(
        ([0, 1] as const).flatMap((at) => [ask(at, '/token'), ask(at, '/account')]),
      )
      expect(asked).toEqual(asked.map(() => ({ status: 503, body: { code: 'store_failed' } })))
      expect(performance.now() - began).toBeLessThan(6000)
      redis.thaw()
      const answers = await many()
      expect(answers.filter(({ status }) => status !== 200)).toEqual([])
      expect(server.requests.of('token')).toBe(1)
    })

    it('a Redis that is killed and comes back with its data has lost nothing', async () => {
      const client = await libraries[0]?.open(redis.path)
      await client?.command('SAVE')
      client?.close()
      await redis.kill()
      expect((await ask(0, '/account')).status).toBe(503)
      expect((await ask(1, '/account')).status).toBe(503)
      await redis.start()
      await expect
        .poll(async () => (await ask(0, '/account')).status, { timeout: 10_000 })
        .toBe(200)
      await expect
        .poll(async () => (await ask(1, '/account')).status, { timeout: 10_000 })
        .toBe(200)
      await expire()
      expect((await many()).filter(({ status }) => status !== 200)).toEqual([])
      expect(server.requests.of('token')).toBe(1)
    })

    it('what was renewed while Redis was away is not lost', async () => {
      await expire()
      server.faults.set('token', { kind: 'slow', seconds: 1 })
      const renewing = ask(0, '/token')
      await renewalBegan()
      redis.freeze()
      expect((await renewing).status).toBe(kind === 'sealed' ? 200 : 503)
      redis.thaw()
      server.faults.clear()
      const again = await ask(0, '/token')
      expect(again.status).toBe(200)
      expect((await ask(1, '/token')).body).toEqual(again.body)
      expect(server.requests.of('token')).toBe(1)
    })
  })
})

/** A second window of the same browser, whose answers the first does not see. */
function createBrowserWith(
  first: ReturnType<typeof createBrowser>,
  url: string,
): ReturnType<typeof createBrowser> {
  const second = createBrowser()
  const cookie = first.cookiesFor(url)
  return {
    ...second,
    send: (to, sent = {}) =>
      second.send(to, {
        ...sent,
        headers: { ...Object.fromEntries(new Headers(sent.headers)), cookie },
      }),
  }
}
