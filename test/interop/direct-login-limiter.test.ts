import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createOkta, type Okta } from '@portcullis/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { describeWith } from '../support/binaries.ts'
import { startRedis, type RedisServer } from './support/redis-server.ts'

const script = fileURLToPath(new URL('support/direct-process.mjs', import.meta.url))
const alice = { username: 'alice@example.com', password: 'password' }

describeWith(['redis-server'], 'a direct login in two processes with one Redis', (binary = '') => {
  let redis: RedisServer
  let org: Okta
  let children: readonly ChildProcess[] = []
  let urls: readonly string[] = []
  let trials = 0
  beforeAll(async () => {
    redis = await startRedis(binary)
    org = await createOkta()
    org.app('native').signOn = 'two-factors'
  })
  beforeEach(async () => {
    const { clientId } = org.app('native')
    const shared = { domain: org.url, clientId, path: redis.path, prefix: `trial-${trials++}` }
    const start = () => fork(script, [JSON.stringify(shared)], { execArgv: [], stdio: 'inherit' })
    children = [start(), start()]
    urls = (await Promise.all(children.map((child) => once(child, 'message')))).map(([url]) =>
      String(url),
    )
  })
  afterEach(async () => {
    org.limits.succeed(org.user('alice'))
    await Promise.all(
      children.map((child) => {
        const ended = once(child, 'exit')
        child.disconnect()
        return ended
      }),
    )
  })
  afterAll(async () => {
    await org?.close()
    await redis?.close()
  })

  const post = (step: string, fields: object, cookie = '', at = 0): Promise<Response> =>
    fetch(`${urls[at % 2]}/direct/${step}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie },
      body: JSON.stringify(fields),
    })
  const begin = async (): Promise<string> => {
    const [cookie = ''] = (await post('start', alice)).headers.getSetCookie()
    return cookie.split(';')[0] ?? ''
  }
  const hundred = async (send: (n: number) => Promise<Response>) => {
    org.requests.reset()
    const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => send(n)))
    const statuses = answers.map(({ status }) => status)
    const count = (wanted: number) => statuses.filter((status) => status === wanted).length
    return { refused: count(400), limited: count(429), reached: org.requests.of('token') }
  }

  it('lets five of a hundred wrong passwords reach Okta', async () => {
    const sent = await hundred((n) => post('start', { ...alice, password: `wrong ${n}` }, '', n))
    expect(sent).toEqual({ refused: 5, limited: 95, reached: 5 })
    expect(org.user('alice').status).toBe('ACTIVE')
  })

  it('lets five of a hundred wrong codes reach Okta, for one sign-in in both processes', async () => {
    const cookie = await begin()
    const right = Number(org.phone('alice').code())
    const wrong = (n: number) => String((right + 1000 + n) % 1_000_000).padStart(6, '0')
    const sent = await hundred((n) => post('verify', { code: wrong(n) }, cookie, n))
    expect(sent).toEqual({ refused: 5, limited: 95, reached: 5 })
    const late = await post('verify', { code: org.phone('alice').code() }, cookie)
    const again = await post('start', alice, '', 1)
    expect([late.status, again.status, org.requests.of('token')]).toEqual([429, 429, 5])
    expect(org.user('alice').status).toBe('ACTIVE')
  })

  it('sends five of a hundred pushes', async () => {
    const cookie = await begin()
    await hundred((n) => post('challenge', { factor: 'push' }, cookie, n))
    expect(org.phone('alice').prompts).toHaveLength(5)
  })
})
