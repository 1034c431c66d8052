import { ConfigurationError } from '@portcullis/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDirectScene, type DirectScene } from '../../../test/support/direct-scene.ts'
import { oauthError } from '../../../test/support/scripted-okta.ts'
import { createAuthn } from './authn/create.ts'
import type { AuthnEvent } from './authn/observe.ts'
import type { DirectEvent } from './direct/observe.ts'
import { pseudonym, redacted, type Redaction } from './redact.ts'

const secret = 'a secret of the audit log, long enough'
const ada = { username: 'Ada@Example.com', password: 'hunter2-of-ada' }
const call = { address: '192.0.2.7' }

describe('the audit log of direct authentication', () => {
  let scene: DirectScene
  beforeEach(async () => {
    scene = await createDirectScene()
  })
  afterEach(() => scene.server.close())

  const attempt = async (redaction?: Redaction) => {
    const told: DirectEvent[] = []
    const observe = redacted((event: DirectEvent) => void told.push(event), redaction)
    scene.server.say(oauthError(400, 'invalid_grant'))
    await scene.make({ observe }).password(ada, call)
    return told
  }

  it('holds what happened, and nothing of whom', async () => {
    const told = await attempt()
    expect(told).toMatchObject([{ type: 'attempt', factor: 'password', requestId: 'req-1' }])
    expect(JSON.stringify(told)).not.toMatch(/ada|192\.0/i)
  })

  it('holds what stands for somebody instead, the same for every spelling', async () => {
    const name = pseudonym(secret)
    const [event] = await attempt({ username: name, address: () => '192.0.2.0/24' })
    expect(event).toMatchObject({ username: name(' ada@example.COM'), address: '192.0.2.0/24' })
    expect(event?.username).toMatch(/^[\w-]{22}$/)
    expect(event?.username).not.toBe(pseudonym(`${secret}!`)('ada@example.com'))
  })

  it('holds nothing where the redaction fails', async () => {
    const fail = () => {
      throw new Error('no')
    }
    // From JavaScript anything may come.
    const late = (async () => Promise.reject(new Error('no'))) as unknown as () => string
    expect(await attempt({ username: fail, address: late })).toMatchObject([
      { username: undefined, address: undefined },
    ])
  })
})

it('holds for the Authentication API as well', async () => {
  const told: AuthnEvent[] = []
  const authn = createAuthn({
    domain: 'acme.okta.com',
    observe: redacted((event) => void told.push(event)),
    fetch: () => Promise.resolve(Response.json({ errorCode: 'E0000004' }, { status: 401 })),
  })
  await authn.signIn(ada, call)
  expect(told).toMatchObject([{ act: 'sign-in', username: undefined, address: undefined }])
})

it.each([['short'], [undefined]])('the secret %j is a mistake', (given) => {
  // From JavaScript anything may come.
  expect(() => pseudonym(given as string)).toThrow(ConfigurationError)
})

it('an unknown part of a redaction is a mistake', () => {
  // From JavaScript anything may come.
  expect(() => redacted(() => undefined, { user: String } as object)).toThrow(/redacted\.user/)
})
