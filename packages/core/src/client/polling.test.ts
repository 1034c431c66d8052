import { describe, expect, test } from 'vitest'
import { bearer, createGrantScene, refusing } from '../../../../test/support/grant-scene.ts'
import { rejection } from '../../../../test/e2e/support/endpoints.ts'
import { Outage } from '../errors/outage.ts'
import { sleepFor, type PollProgress } from './polling.ts'

const begun = {
  device_code: 'secret-device-code',
  user_code: 'ABCD-EFGH',
  verification_uri: 'https://id.test/activate',
  expires_in: 600,
  interval: 5,
}
const pending = refusing('authorization_pending')

const scene = async (more: object = {}) => {
  const at = createGrantScene()
  at.say('/device', [200, { ...begun, ...more }])
  return { ...at, attempt: await at.client.deviceCode({ scope: 'openid' }) }
}

describe('one poll tells', () => {
  test.each([
    [pending, { status: 'pending', interval: 5 }],
    [refusing('slow_down'), { status: 'slow_down', interval: 10 }],
    [refusing('access_denied', 403), { status: 'denied' }],
    [refusing('expired_token'), { status: 'expired' }],
    [[200, bearer], { status: 'granted', tokens: { accessToken: 'a-1' } }],
  ] as const)('%j as %j', async (said, outcome) => {
    const { attempt, say } = await scene()
    say('/token', said)
    expect(await attempt.poll()).toMatchObject(outcome)
  })

  test('an unknown device code is a refusal, as with every grant', async () => {
    const { attempt, say } = await scene()
    say('/token', refusing('invalid_grant'))
    expect(await rejection(attempt.poll())).toMatchObject({ code: 'grant_refused' })
  })

  // OpenID Connect CIBA Core §10.1.
  test('the same to all who ask at the same time, and asks again afterwards', async () => {
    const { attempt, say, count } = await scene()
    say('/token', refusing('slow_down'), pending, [200, bearer])
    const both = await Promise.all([attempt.poll(), attempt.poll()])
    expect(both).toEqual(Array.from({ length: 2 }, () => ({ status: 'slow_down', interval: 10 })))
    expect(count('/token')).toBe(1)
    expect(await attempt.poll()).toEqual({ status: 'pending', interval: 10 })
    const granted = await Promise.all([attempt.wait(), attempt.wait()])
    expect(granted.map(({ status }) => status)).toEqual(['granted', 'granted'])
    expect(count('/token')).toBe(3)
  })

  test('an outage to all of them, and is not kept', async () => {
    const { attempt, say, count } = await scene()
    say('/token', 'down', pending)
    const failed = await Promise.all([rejection(attempt.poll()), rejection(attempt.poll())])
    expect(failed.map((error) => Outage.is(error))).toEqual([true, true])
    expect(await attempt.poll()).toMatchObject({ status: 'pending' })
    expect(count('/token')).toBe(2)
  })

  test('what has expired is not asked for', async () => {
    const { attempt, clock, count } = await scene()
    clock.advance(600)
    expect(await attempt.poll()).toEqual({ status: 'expired' })
    expect(count('/token')).toBe(0)
  })
})

describe('waiting', () => {
  test('leaves the interval before each poll, and reports', async () => {
    const { attempt, say, slept } = await scene()
    say('/token', pending, pending, [200, bearer])
    const progress: PollProgress[] = []
    const outcome = await attempt.wait({ onProgress: (now) => progress.push(now) })
    expect(outcome).toMatchObject({ status: 'granted', tokens: { accessToken: 'a-1' } })
    expect(slept).toEqual([5, 5, 5])
    expect(progress).toEqual([
      { status: 'pending', polls: 1, wait: 5, expiresIn: 595 },
      { status: 'pending', polls: 2, wait: 5, expiresIn: 590 },
    ])
  })

  // RFC 8628 §3.5: "for this and all subsequent requests".
  test('slows down by 5 s each time it is told to, for good', async () => {
    const { attempt, say, slept } = await scene()
    const slower = refusing('slow_down')
    say('/token', slower, pending, slower, pending, [200, bearer])
    await attempt.wait()
    expect(slept).toEqual([5, 10, 10, 15, 15])
  })

  test('takes 5 s where the issuer names no interval, and never less than one', async () => {
    const quiet = await scene({ interval: undefined })
    quiet.say('/token', [200, bearer])
    await quiet.attempt.wait()
    expect(quiet.slept).toEqual([5])
    const hasty = await scene({ interval: 0.001 })
    expect(hasty.attempt.interval).toBe(1)
  })

  test('ends with the request', async () => {
    const { attempt, say, slept, count } = await scene({ expires_in: 12 })
    say('/token', pending)
    expect(await attempt.wait()).toEqual({ status: 'expired' })
    expect(slept).toEqual([5, 5, 2])
    expect(count('/token')).toBe(2)
  })

  test('ends when the person says no', async () => {
    const { attempt, say } = await scene()
    say('/token', pending, refusing('access_denied'))
    expect(await attempt.wait()).toEqual({ status: 'denied' })
  })

  // RFC 8628 §3.5.
  test('goes on through an outage, ever slower, up to a minute', async () => {
    const { attempt, say, slept } = await scene()
    say('/token', 'down', 'down', 'down', 'down', 'down', pending, [200, bearer])
    const seen: string[] = []
    await attempt.wait({ onProgress: ({ status }) => seen.push(status) })
    expect(slept).toEqual([5, 10, 20, 40, 60, 60, 5])
    expect(seen).toEqual([...Array.from({ length: 5 }, () => 'unreachable'), 'pending'])
  })

  test.each([
    [40, [40, 80, 80, 40]],
    [60, [60, 120, 120, 60]],
    [90, [90, 180, 180, 90]],
  ])('is slower after an outage at an interval of %i s as well', async (interval, pauses) => {
    const { attempt, say, slept } = await scene({ interval, expires_in: 1800 })
    say('/token', 'down', 'down', pending, [200, bearer])
    await attempt.wait()
    expect(slept).toEqual(pauses)
  })

  test('does what Retry-After says', async () => {
    const { attempt, say, slept } = await scene()
    const busy = new Response(null, { status: 429, headers: { 'Retry-After': '30' } })
    say('/token', busy, [200, bearer])
    await attempt.wait()
    expect(slept).toEqual([5, 30])
  })

  test('is an outage in the end where the issuer never came back', async () => {
    const { attempt, say } = await scene({ expires_in: 20 })
    say('/token', 'down')
    expect(Outage.is(await rejection(attempt.wait()))).toBe(true)
  })

  test('is refused where the issuer knows nothing of it', async () => {
    const { attempt, say } = await scene()
    say('/token', pending, refusing('invalid_grant'))
    expect(await rejection(attempt.wait())).toMatchObject({ code: 'grant_refused' })
  })

  test('rejects with the reason of the signal, and asks no more', async () => {
    const { attempt, say, count } = await scene()
    say('/token', pending)
    const controller = new AbortController()
    const waiting = attempt.wait({
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('the user went away')),
    })
    expect(await rejection(waiting)).toHaveProperty('message', 'the user went away')
    expect(count('/token')).toBe(1)
  })
})

test('what is secret is nowhere to be seen', async () => {
  const { attempt } = await scene()
  expect(JSON.stringify(attempt)).not.toContain('secret-device-code')
})

describe('the real clock', () => {
  test('wakes up', async () => {
    await expect(sleepFor(0.001)).resolves.toBeUndefined()
  })

  test('wakes up at once when it is aborted, with the reason', async () => {
    const reason = new Error('enough')
    expect(await rejection(sleepFor(1e9, AbortSignal.abort(reason)))).toBe(reason)
    const controller = new AbortController()
    const sleeping = rejection(sleepFor(1e9, controller.signal))
    controller.abort(reason)
    expect(await sleeping).toBe(reason)
    expect(await rejection(sleepFor(9, AbortSignal.abort('no error')))).toMatchObject({
      cause: 'no error',
    })
  })
})
