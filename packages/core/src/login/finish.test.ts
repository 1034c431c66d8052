import { afterEach, describe, expect, test } from 'vitest'
import { base, createWorld, type World } from '../../../../test/support/login-world.ts'
import { valuesOf } from '../../../../test/support/lone-browser.ts'
import type { Lies } from '../../../../test/support/lying-issuer.ts'
import { Outage } from '../errors/outage.ts'
import { refuse, type Refusal } from '../errors/refusal.ts'
import { sealedSessions } from '../session/sealed.ts'
import type { LoginOptions } from './options.ts'

let world: World | undefined
afterEach(async () => {
  await world?.close()
  world = undefined
})

const build = async (options: Partial<LoginOptions> = {}): Promise<World> => {
  world = await createWorld(options)
  return world
}

/** The address that the issuer sends the browser back to, not yet gone to. */
async function callbackOf({ browser }: World, url = '/login?return_to=/account'): Promise<string> {
  const issuer = await browser.open(url, { until: `${base}/callback` })
  const [location = ''] = valuesOf(issuer.headers, 'location')
  return location
}

const refusals = ({ events }: World): readonly Refusal[] =>
  events.flatMap((event) => (event.type === 'refused' ? [event.refusal] : []))
const codes = (of: World): readonly string[] => refusals(of).map(({ code }) => code)
const reasons = (of: World): readonly string[] => refusals(of).map(({ reason }) => reason)

describe('an answer that comes twice', () => {
  test('at the same time leads to one session, and twice to where the login was to lead', async () => {
    const target = await build()
    const callback = await callbackOf(target)
    const [one, two] = await Promise.all(
      [1, 2].map(() => target.browser.open(callback, { until: `${base}/account` })),
    )
    expect([one?.status, two?.status]).toEqual([303, 303])
    expect(target.issuer.requests.count('token')).toBe(1)
    expect(await target.isSignedIn()).toBe(true)
  })

  test('one after the other too', async () => {
    const target = await build()
    const callback = await callbackOf(target)
    await target.browser.open(callback)
    const again = await target.browser.open(callback)
    expect([again.status, again.url]).toEqual([200, `${base}/account`])
    expect(target.issuer.requests.count('token')).toBe(1)
    expect(target.failures).toEqual([])
  })
})

describe('an issuer whose clock is a minute ahead', () => {
  test.each([
    [undefined, false],
    [90, true],
  ])('with the clockTolerance %s', async (clockTolerance, signsIn) => {
    const target = await build(clockTolerance === undefined ? {} : { clockTolerance })
    const iat = Math.floor(target.clock.now() / 1000) + 60
    target.issuer.lie({ claims: { iat, exp: iat + 300 } })
    await target.signIn()
    expect(await target.isSignedIn()).toBe(signsIn)
  })
})

describe('a login that failed', () => {
  test('is over: its cookie goes, and a reload begins another one', async () => {
    const target = await build()
    target.issuer.lie({ error: { error: 'access_denied' } })
    const callback = await callbackOf(target)
    const failed = await target.browser.open(callback)
    expect(failed.status).toBe(400)
    expect(valuesOf(failed.headers, 'set-cookie').join()).toMatch(/-login-[\w-]{16}=; .*Max-Age=0/)
    const again = await target.browser.open(callback)
    expect(again.status).toBe(400)
    expect(codes(target)).toEqual(['login_denied', 'login_unknown'])
    expect(target.issuer.requests.count('authorize')).toBe(1)
  })

  test('leads back to where it was to lead', async () => {
    const target = await build()
    target.issuer.lie({ error: { error: 'access_denied' } })
    const { body } = await target.browser.open('/account?tab=%22%3E%3Cscript%3E')
    const link = /href="([^"]+)">Try again/.exec(body)?.[1]?.replaceAll('&amp;', '&') ?? ''
    expect(body).not.toContain('<script')
    target.issuer.repent()
    expect((await target.browser.open(link)).url).toBe(`${base}/account?tab=%22%3E%3Cscript%3E`)
  })

  test('because of an outage can be finished by a reload', async () => {
    const target = await build()
    const callback = await callbackOf(target)
    target.issuer.lie({ token: 'error-500' })
    expect((await target.browser.open(callback)).status).toBe(503)
    target.issuer.repent()
    expect((await target.browser.open(callback)).status).toBe(200)
  })

  // RFC 6749 §4.1.2: a code is used once.
  test.each<[string, Partial<LoginOptions>, Lies]>([
    ['its keys cannot be had', {}, { keys: 'error-500' }],
    [
      'the application cannot judge',
      {
        onSignIn: () => {
          throw new Outage('store_failed', 'away')
        },
      },
      {},
    ],
  ])(
    'after its code was traded, because %s, is begun anew by a reload',
    async (_, options, lies) => {
      const target = await build(options)
      const callback = await callbackOf(target)
      target.issuer.lie(lies)
      expect((await target.browser.open(callback)).status).toBe(503)
      const again = await target.browser.open(callback, { until: `${base}/login` })
      expect(valuesOf(again.headers, 'location')).toEqual([
        `${base}/login?return_to=%2Faccount&retry=1`,
      ])
      // The second attempt is the last that begins by itself.
      const second = await callbackOf(target, '/login?return_to=/account&retry=1')
      expect((await target.browser.open(second)).status).toBe(503)
      expect((await target.browser.open(second)).status).toBe(400)
      const sent = target.issuer.requests
        .at('token')
        .map(({ parameters }) => parameters.get('code'))
      expect(sent).toHaveLength(2)
      expect(new Set(sent).size).toBe(2)
    },
  )

  test('because the application does not want the user is refused in its words', async () => {
    const target = await build({
      onSignIn: () => {
        throw refuse('forbidden', 'not on the list')
      },
    })
    const { status } = await target.signIn()
    expect([status, reasons(target)]).toEqual([403, ['not on the list']])
    expect(await target.isSignedIn()).toBe(false)
  })

  test('because of a bug goes to the host', async () => {
    const target = await build({
      onSignIn: () => {
        throw new Error('a bug')
      },
    })
    await expect(target.signIn()).rejects.toThrow('a bug')
  })
})

describe('a sign-in page that was overtaken by another one', () => {
  // What Keycloak says of it.
  const error = { error: 'temporarily_unavailable', description: 'authentication_expired' }

  test('begins the login once more, for what it was for', async () => {
    const target = await build()
    target.issuer.lie({ error })
    const first = await target.browser.open('/login?return_to=/account', { until: `${base}/login` })
    expect(valuesOf(first.headers, 'location')).toEqual([
      `${base}/login?return_to=%2Faccount&retry=1`,
    ])
    expect(valuesOf(first.headers, 'set-cookie').join()).toMatch(/-login-[\w-]{16}=; .*Max-Age=0/)
    target.issuer.repent()
    expect((await target.browser.open('/login?return_to=%2Faccount&retry=1')).url).toBe(
      `${base}/account`,
    )
  })

  test('does so also when its cookie is gone by then', async () => {
    const target = await build()
    target.issuer.lie({ error })
    const callback = await callbackOf(target)
    target.clock.advance(601)
    const reply = await target.browser.open(callback, { until: `${base}/login` })
    expect(valuesOf(reply.headers, 'location')).toEqual([`${base}/login?return_to=%2F&retry=1`])
    expect(codes(target)).toEqual(['login_unknown'])
  })

  test('but once, and not for another issuer', async () => {
    const target = await build()
    target.issuer.lie({ error })
    expect((await target.signIn()).status).toBe(503)
    expect(target.issuer.requests.count('authorize')).toBe(2)
    const callback = await callbackOf(target)
    const other = callback.replace(/iss=[^&]*/, 'iss=https%3A%2F%2Fother.test')
    expect((await target.browser.open(other)).status).toBe(400)
    expect(codes(target)).toEqual(['login_answer_invalid'])
  })
})

describe('an answer without its cookie', () => {
  const forgetful = async (target: World, callback: string, cookie = '') =>
    target.browser.open(callback, { headers: { cookie }, until: `${base}/login` })

  test.each<[string, string, RegExp, (target: World, callback: string) => [string, string]]>([
    ['no cookies', '', /sent no cookies at all/, (_world, url) => [url, '']],
    ['other cookies', '', /used already, or pushed out/, (_world, url) => [url, 'a=1']],
    [
      'old',
      '',
      /more than ten minutes ago/,
      (target, url) => [(target.clock.advance(601), url), 'a=1'],
    ],
  ])('%s is explained, and begins the login again', async (_what, _none, why, make) => {
    const target = await build()
    const [url, cookie] = make(target, await callbackOf(target))
    const reply = await forgetful(target, url, cookie)
    expect([reply.status, reply.body]).toEqual([302, ''])
    expect(valuesOf(reply.headers, 'location')).toEqual([`${base}/login?return_to=%2F&retry=1`])
    expect(codes(target)).toEqual(['login_unknown'])
    expect(reasons(target)[0]).toMatch(why)
    expect(target.issuer.requests.count('token')).toBe(0)
  })

  test.each([
    [
      'https://other.test',
      /came under https:\/\/other.test, and the login is for https:\/\/app.test: cookies do not cross hosts/,
    ],
    ['http://app.test', /came under http:\/\/app.test.*keep back what they were given over https/],
    ['https://app.test:8443', /cookies do not cross hosts/],
  ])('that came under %s says so', async (origin, why) => {
    const target = await build()
    const callback = (await callbackOf(target)).replace(base, origin)
    const reply = await target.handler(plainRequest(callback))
    expect(reply?.status).toBe(302)
    expect(reasons(target)[0]).toMatch(why)
  })

  test('that was sealed with other secrets says so', async () => {
    const target = await build()
    const callback = await callbackOf(target)
    const cookie = target.browser
      .cookiesFor(callback)
      .replaceAll(/(-login-[\w-]+)=[^;]+/g, '$1=AAAA')
    await forgetful(target, callback, cookie)
    expect(reasons(target)[0]).toMatch(/sealed with other secrets/)
  })

  test('begins it again once, however often it is lost', async () => {
    const target = await build()
    const again = await callbackOf(target, '/login?return_to=%2F&retry=1')
    const reply = await forgetful(target, again)
    expect([reply.status, codes(target)]).toEqual([400, ['login_unknown']])
    expect(reply.body).toContain('belongs to no login that this browser has begun')
    expect(reply.body).not.toContain('cookies')
  })

  test('of an error, or of nothing that we made, begins nothing', async () => {
    const target = await build()
    const replies = await Promise.all([
      forgetful(target, `${base}/callback?error=access_denied&state=0aaaaaa.x`),
      forgetful(target, `${base}/callback?code=x&state=other`),
    ])
    expect(replies.map(({ status }) => status)).toEqual([400, 400])
  })

  test('of somebody who is signed in leads to the application', async () => {
    const target = await build()
    await target.signIn()
    const reply = await target.browser.open('/callback?code=x&state=0aaaaaa.x', {
      until: `${base}/`,
    })
    expect([reply.status, valuesOf(reply.headers, 'location')]).toEqual([303, [`${base}/`]])
  })

  test('of somebody who is signed in sends the cookies of the session on', async () => {
    const target = await build({
      sessions: sealedSessions({ secrets: ['x'.repeat(32)], idle: 3600 }),
    })
    await target.signIn()
    target.clock.advance(1800)
    const reply = await target.browser.open('/callback?code=x&state=0aaaaaa.x', {
      until: `${base}/`,
    })
    expect(valuesOf(reply.headers, 'set-cookie').join()).toMatch(/Max-Age=3600/)
  })
})

const plainRequest = (url: string) => ({
  method: 'GET',
  url,
  header: () => undefined,
  form: () => Promise.resolve(new URLSearchParams()),
})

describe('an answer without a state', () => {
  test('still says in the log what the issuer meant', async () => {
    const target = await build()
    const reply = await target.browser.open('/callback?error=invalid_request%0Ax')
    expect([reply.status, codes(target)]).toEqual([400, ['login_answer_invalid']])
    expect(reasons(target)[0]).toBe(
      'The answer holds no state, or more than one; it says invalid_request?x.',
    )
    expect(refusals(target)[0]?.trail).toEqual({ check: 'state', presented: 'invalid_request?x' })
  })
})

describe('a code that is used up', () => {
  test('begins the login once more, for what it was for', async () => {
    const target = await build()
    target.issuer.lie({ code: 'foreign' })
    const first = await target.browser.open('/login?return_to=/account', { until: `${base}/login` })
    expect(valuesOf(first.headers, 'location')).toEqual([
      `${base}/login?return_to=%2Faccount&retry=1`,
    ])
    expect(codes(target)).toEqual(['grant_refused'])
    target.issuer.repent()
    expect((await target.browser.open('/login?return_to=%2Faccount&retry=1')).url).toBe(
      `${base}/account`,
    )
  })
})

describe('with a Strict cookie', () => {
  test('the last step is one of our own page, or the guard would see nobody', async () => {
    const cookie = { sameSite: 'Strict' } as const
    const target = await build({ sessions: sealedSessions({ secrets: ['x'.repeat(32)], cookie }) })
    const callback = await callbackOf(target)
    const replies = [await target.browser.open(callback), await target.browser.open(callback)]
    for (const { status, body } of replies) {
      expect(status).toBe(200)
      expect(body).toContain(`<meta http-equiv="refresh" content="0;url=${base}/account">`)
    }
    expect(await target.isSignedIn()).toBe(true)
  })
})

describe('what the application makes of a sign-in', () => {
  test.each([
    ['/welcome', '/welcome'],
    ['//evil.test', '/'],
    ['https://evil.test/', '/'],
    [undefined, '/account'],
  ])('may lead to %j', async (returnTo, place) => {
    const target = await build({
      onSignIn: () => (returnTo === undefined ? undefined : { returnTo }),
    })
    const callback = await callbackOf(target)
    const reply = await target.browser.open(callback, { until: base })
    expect(valuesOf(reply.headers, 'location')).toEqual([base + place])
  })
})
