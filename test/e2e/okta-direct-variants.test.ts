import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { DirectAnswer, DirectAuthentication } from '@portcullis/okta'
import { createOkta } from '@portcullis/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { variants } from '../../examples/okta-direct/variants.mjs'
import { alice, createDirectWorld, type DirectWorld } from '../support/direct-world.ts'

interface Someone {
  readonly username: string
  readonly ask: (question: string) => Promise<string>
  readonly show: (text: string) => void
}
// The example is JavaScript.
const all = variants as Readonly<
  Record<string, (direct: DirectAuthentication, person: Someone) => Promise<DirectAnswer>>
>

let world: DirectWorld
beforeAll(async () => {
  world = await createDirectWorld()
})
afterAll(() => world.org.close())
beforeEach(() => {
  // A code of the generator counts once: the next test needs another.
  world.clock.advance(60)
})

/** Somebody who has what the questions ask for. */
function someone(): Someone {
  const [phone, inbox] = [world.org.phone('alice'), world.org.inbox('alice')]
  return {
    username: alice.username,
    show: (text) => {
      const [number] = /\d+/.exec(text) ?? []
      if (number === undefined) phone.approve()
      else phone.tap(number)
    },
    ask: async (question) => {
      if (question.startsWith('Password')) return alice.password
      if (question.includes('authenticator app')) return phone.code('google_otp')
      const [channel] = /sms|voice|email/.exec(question) ?? []
      // It is one of the three.
      return inbox.lastCode(channel as 'sms')
    },
  }
}

// okta-protocol §4.11: what Okta's guide has a page for.
describe.each(Object.entries(all))('the example signs in by %s', (name, signIn) => {
  it.each([false, true])('with the number challenge: %s', async (numberChallenge) => {
    world.org.settings.numberChallenge = numberChallenge
    const factors = name.split('+').length
    world.org.app('native').signOn = factors === 2 ? 'two-factors' : 'one-factor'
    const answer = await signIn(world.make(), someone())
    expect(answer).toMatchObject({ status: 'tokens', claims: { sub: world.org.user('alice').id } })
    const amr = answer.status === 'tokens' ? (answer.claims?.amr ?? []) : []
    expect(amr.includes('mfa')).toBe(factors === 2)
  })
})

it('covers every variant of the guide', () => {
  const channels = ['push', 'sms', 'voice', 'email']
  expect(Object.keys(all)).toEqual(
    expect.arrayContaining([
      'otp',
      'password+otp',
      ...channels,
      ...channels.map((one) => `password+${one}`),
    ]),
  )
})

it('runs in a terminal', async () => {
  // By the real clock, as the other process.
  const org = await createOkta()
  const run = spawn(
    process.execPath,
    [
      fileURLToPath(new URL('../../examples/okta-direct/terminal.mjs', import.meta.url)),
      'password',
      alice.username,
    ],
    { env: { ...process.env, DOMAIN: org.url, CLIENT_ID: org.app('native').clientId } },
  )
  let [said, asked] = ['', '']
  run.stdout.on('data', (chunk) => (said += String(chunk)))
  run.stderr.on('data', (chunk) => {
    asked += String(chunk)
    if (String(chunk).includes('Password')) run.stdin.write(`${alice.password}\n`)
  })
  const [code] = await once(run, 'close').finally(() => org.close())
  expect([code, said, asked]).toEqual([
    0,
    `${org.user('alice').id} by pwd\n`,
    expect.not.stringContaining(alice.password),
  ])
})
