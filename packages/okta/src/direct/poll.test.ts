import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDirectScene, type DirectScene } from '../../../../test/support/direct-scene.ts'
import { oauthError, pending } from '../../../../test/support/scripted-okta.ts'
import type { DirectAuthentication } from './create.ts'
import type { PollProgress } from './options.ts'
import type { OobState } from './state.ts'

let scene: DirectScene
let direct: DirectAuthentication
beforeEach(async () => {
  scene = await createDirectScene()
  direct = scene.make()
})
afterEach(() => scene.server.close())

const start = async (more: object = {}): Promise<OobState> => {
  const body = { oob_code: 'oob', expires_in: 300, interval: 5, binding_method: 'none', ...more }
  scene.server.say({ body })
  const answer = await direct.oob({ username: 'ada', channel: 'push' })
  if (answer.status === 'pending') return answer.state
  throw new Error(answer.status)
}

const polls = () => scene.server.calls.length - 1

describe('poll', () => {
  it('waits the interval before each poll', async () => {
    const state = await start({ interval: 7 })
    scene.server.say(pending(), pending(), await scene.server.tokens())
    expect((await direct.poll(state)).status).toBe('tokens')
    expect(scene.slept).toEqual([7, 7, 7])
  })

  it('knows the name that Okta’s SDK for Swift has for waiting', async () => {
    const state = await start()
    const waiting = oauthError(400, 'direct_auth_authorization_pending')
    scene.server.say(waiting, waiting, await scene.server.tokens())
    expect((await direct.poll(state)).status).toBe('tokens')
    expect(polls()).toBe(3)
  })

  it('goes five seconds slower when it is told to, from then on', async () => {
    const state = await start()
    scene.server.say(
      oauthError(400, 'slow_down'),
      pending(),
      oauthError(400, 'slow_down'),
      await scene.server.tokens(),
    )
    await direct.poll(state)
    expect(scene.slept).toEqual([5, 10, 10, 15])
  })

  it('ends when the prompt has had its time', async () => {
    const state = await start({ expires_in: 12 })
    scene.server.otherwise(pending)
    const answer = await direct.poll(state)
    expect(answer).toMatchObject({ status: 'failed', code: 'expired', retry: 'restart' })
    expect(scene.slept).toEqual([5, 5, 2])
    expect(polls()).toBe(2)
  })

  it.each([
    ['retry-after', { 'retry-after': '20' }],
    ['the reset of the limit', {}],
  ])('waits as long as %s says after a 429', async (_what, headers) => {
    const state = await start()
    const reset = { 'x-rate-limit-reset': String(Math.ceil(scene.clock.now() / 1000) + 5 + 20) }
    const body = { errorCode: 'E0000047', errorSummary: 'API call exceeded rate limit' }
    scene.server.say({ status: 429, headers: { ...reset, ...headers }, body }, pending())
    scene.server.say(await scene.server.tokens())
    await direct.poll(state)
    expect(scene.slept[0]).toBe(5)
    expect(scene.slept[1]).toBeGreaterThanOrEqual(20)
    expect(scene.slept[1]).toBeLessThanOrEqual(21)
    expect(scene.slept[2]).toBe(5)
  })

  it('outlives two failures in a row, and asks less often after them', async () => {
    const state = await start()
    const down = { status: 503, body: 'down' }
    scene.server.say(down, down, await scene.server.tokens())
    expect((await direct.poll(state)).status).toBe('tokens')
    expect(scene.slept).toEqual([5, 10, 10])
  })

  it('goes on at its interval where the clock is put back', async () => {
    const state = await start()
    scene.clock.advance(-3600)
    scene.server.say(pending(), await scene.server.tokens())
    expect((await direct.poll(state)).status).toBe('tokens')
    expect(scene.slept).toEqual([5, 5])
  })

  it('counts failures anew after an answer', async () => {
    const state = await start()
    const down = { status: 503, body: 'down' }
    scene.server.say(down, down, pending(), down, down, await scene.server.tokens())
    expect((await direct.poll(state)).status).toBe('tokens')
  })

  it('gives up after three failures in a row', async () => {
    const state = await start()
    scene.server.otherwise(() => ({ status: 503, body: 'down' }))
    await expect(direct.poll(state)).rejects.toMatchObject({ name: 'Outage' })
    expect(polls()).toBe(3)
  })

  it('tells how far it is', async () => {
    const state = await start({ expires_in: 60 })
    scene.server.say(pending(), await scene.server.tokens())
    const told: PollProgress[] = []
    await direct.poll(state, { onProgress: (progress) => told.push(progress) })
    expect(told).toEqual([
      { polls: 0, secondsLeft: 60, interval: 5 },
      { polls: 1, secondsLeft: 55, interval: 5 },
    ])
  })

  it('ends with the reason of the signal, between polls', async () => {
    const state = await start()
    scene.server.otherwise(pending)
    const controller = new AbortController()
    const reason = new Error('the user went away')
    const done = direct.poll(state, {
      signal: controller.signal,
      onProgress: ({ polls: asked }) => {
        if (asked === 2) controller.abort(reason)
      },
    })
    await expect(done).rejects.toBe(reason)
    expect(polls()).toBe(2)
  })

  it('ends with it in the middle of a request, and of a pause that is really waited for', async () => {
    const state = await start()
    const controller = new AbortController()
    const hanging = scene.make({ fetch: () => new Promise(() => undefined) })
    const opened = hanging.openState(direct.sealState(state))
    if (opened?.kind !== 'oob') throw new Error('it does not open')
    const polling = hanging.poll(opened, { signal: controller.signal })
    setTimeout(() => controller.abort(new Error('enough')), 20)
    await expect(polling).rejects.toThrow('enough')
    const real = new AbortController()
    const waiting = await waitFor(real.signal)
    setTimeout(() => real.abort(new Error('gone')), 20)
    await expect(waiting.poll()).rejects.toThrow('gone')
  })

  it('is for pushes only', async () => {
    const state = await start({ binding_method: 'prompt' })
    await expect(direct.poll(state)).rejects.toThrow('hand the code to verify()')
  })
})

// With the timer that is there by default; a state opens at whoever has the same secret.
const waitFor = async (signal: AbortSignal) => {
  const { okta, createDirectAuthentication } = await import('@portcullis/okta')
  const { sealingSecret } = await import('../../../../test/support/direct-scene.ts')
  const plain = createDirectAuthentication({
    server: okta({ domain: scene.server.origin, authorizationServer: 'default' }),
    client: { id: 'app' },
    secrets: [sealingSecret],
  })
  const opened = plain.openState(direct.sealState(await start()))
  if (opened?.kind !== 'oob') throw new Error('it does not open')
  return { poll: () => plain.poll(opened, { signal }) }
}

describe('check', () => {
  it('asks once, and nobody before its time', async () => {
    const state = await start()
    scene.server.say(pending(), await scene.server.tokens())
    expect((await direct.check(state)).status).toBe('pending')
    expect(polls()).toBe(0)
    scene.clock.advance(5)
    const answer = await direct.check(state)
    expect(polls()).toBe(1)
    if (answer.status !== 'pending') throw new Error(answer.status)
    expect((await direct.check(answer.state)).status).toBe('pending')
    expect(polls()).toBe(1)
    scene.clock.advance(5)
    expect((await direct.check(answer.state)).status).toBe('tokens')
  })

  it('asks where the clock was put back by more than the interval', async () => {
    const state = await start()
    scene.clock.advance(-3600)
    scene.server.say(pending())
    await direct.check(state)
    expect(polls()).toBe(1)
  })

  it('asks nobody after its time', async () => {
    const state = await start()
    scene.clock.advance(300)
    expect(await direct.check(state)).toMatchObject({ code: 'expired' })
    expect(polls()).toBe(0)
  })

  it('tells the log that nobody answered', async () => {
    const state = await start({ expires_in: 12 })
    scene.server.otherwise(pending)
    await direct.poll(state)
    expect(scene.events).toMatchObject([
      { act: 'start', outcome: 'pending' },
      { act: 'verify', outcome: 'expired', factor: 'push', username: 'ada' },
    ])
  })

  it('tells the log nothing as long as nothing happens', async () => {
    const state = await start()
    scene.server.say(pending(), oauthError(400, 'invalid_grant', 'User rejected it.'))
    await direct.poll(state)
    expect(scene.events.map(({ act, outcome }) => `${act} ${outcome}`)).toEqual([
      'start pending',
      'verify rejected',
    ])
  })
})
