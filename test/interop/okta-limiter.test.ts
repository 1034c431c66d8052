import { createOkta, type Okta } from '@portcullis/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { describeWith } from '../support/binaries.ts'
import { startGuessing, type Guess, type GuessProcess } from './support/guess-processes.ts'
import { startRedis, type RedisServer } from './support/redis-server.ts'

const username = 'alice@example.com'
const wrong = (n: number): Guess => ({ username, password: `wrong ${n}` })

describeWith(['redis-server'], 'two processes that count attempts in one Redis', (binary = '') => {
  let redis: RedisServer
  let org: Okta
  let both: readonly GuessProcess[] = []
  let trials = 0
  beforeAll(async () => {
    redis = await startRedis(binary)
    org = await createOkta()
  })
  beforeEach(async () => {
    const { clientId } = org.app('native')
    const shared = { domain: org.url, clientId, path: redis.path, prefix: `trial-${trials++}` }
    both = await Promise.all([startGuessing(shared), startGuessing(shared)])
    org.requests.reset()
  })
  afterEach(async () => {
    redis.thaw()
    org.limits.succeed(org.user('alice'))
    await Promise.all(both.map(({ close }) => close()))
  })
  afterAll(async () => {
    await org?.close()
    await redis?.close()
  })

  /** Half of them in each process, all at once. */
  const guess = async (guesses: readonly Guess[]) => {
    const answers = await Promise.all(
      both.map((one, at) => one.guess(guesses.filter((_, n) => n % 2 === at))),
    )
    return counted(answers.flat())
  }

  it('of a hundred wrong passwords for one user five reach Okta', async () => {
    const codes = await guess(Array.from({ length: 100 }, (_, n) => wrong(n)))
    expect(codes).toEqual({ credentials_wrong: 5, attempts_exhausted: 95 })
    expect(org.requests.of('token')).toBe(5)
    expect(await guess([{ username, password: 'password' }])).toEqual({ attempts_exhausted: 1 })
    expect(org.requests.of('token')).toBe(5)
  })

  it('of a hundred users tried from one address fifty reach Okta', async () => {
    const guesses = Array.from({ length: 100 }, (_, n) => ({
      username: `nobody-${n}@example.com`,
      password: 'Winter2026',
      address: '192.0.2.7',
    }))
    const codes = await guess(guesses)
    expect(codes).toEqual({ credentials_wrong: 50, attempts_exhausted: 50 })
    expect(org.requests.of('token')).toBe(50)
  })

  it('a sign-in in one gives back what was tried in the other', async () => {
    await guess(Array.from({ length: 4 }, (_, n) => wrong(n)))
    expect(await both[1]?.guess([{ username, password: 'password' }])).toEqual(['tokens'])
    expect(await both[0]?.guess([wrong(1)])).toEqual(['credentials_wrong'])
    expect(await both[0]?.guess([wrong(2)])).toEqual(['credentials_wrong'])
  })

  it('while Redis does not answer nothing is sent', async () => {
    redis.freeze()
    expect(await guess([wrong(1), wrong(2)])).toEqual({ store_failed: 2 })
    expect(org.requests.of('token')).toBe(0)
  })
})

const counted = (codes: readonly string[]): Readonly<Record<string, number>> =>
  Object.fromEntries(
    [...new Set(codes)].map((code) => [code, codes.filter((one) => one === code).length]),
  )
