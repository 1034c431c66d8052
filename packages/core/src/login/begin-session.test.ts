import { afterEach, expect, test } from 'vitest'
import { createWorlds } from '../../../../test/support/adversary.ts'
import { base, secret, type World } from '../../../../test/support/login-world.ts'
import { formIn, valuesOf } from '../../../../test/support/lone-browser.ts'
import type { HttpRequest } from '../http/request.ts'
import { memoryRevocations } from '../session/memory-revocations.ts'
import { memorySessions } from '../session/memory.ts'
import { sealedSessions } from '../session/sealed.ts'
import type { SessionCookieOptions } from '../session/settings.ts'
import { storedSessions } from '../session/stored.ts'
import type { LoginOptions } from './options.ts'
import { formPost } from './response-mode.ts'

const { build, end } = createWorlds()
afterEach(end)

const requestOf = (url: string, cookie: string, form?: URLSearchParams): HttpRequest => ({
  method: form === undefined ? 'GET' : 'POST',
  url,
  header: (name) => (name === 'cookie' ? cookie : undefined),
  form: () => Promise.resolve(form ?? new URLSearchParams()),
})

const withoutSession = (cookies: string): string =>
  cookies
    .split('; ')
    .filter((cookie) => /-(?:login|attempt)-/.test(cookie))
    .join('; ')

/** Signs in once more, by an answer that comes from another site, as browsers send it. */
async function signInAgain({ browser, handler }: World, sendsSession: boolean): Promise<number> {
  const page = await browser.open('/login?return_to=/account', { until: `${base}/callback` })
  const [location] = valuesOf(page.headers, 'location')
  const cookies = browser.cookiesFor('/callback')
  const request = requestOf(
    location ?? `${base}/callback`,
    sendsSession ? cookies : withoutSession(cookies),
    location === undefined ? formIn(page.body) : undefined,
  )
  return (await handler(request))?.status ?? 404
}

const kinds = {
  stored: (cookie: SessionCookieOptions) =>
    storedSessions(memorySessions(), { secrets: [secret], cookie }),
  sealed: (cookie: SessionCookieOptions) => sealedSessions({ secrets: [secret], cookie }),
}

interface Case {
  readonly sameSite: 'Lax' | 'Strict' | 'None'
  readonly options: Partial<LoginOptions>
  readonly sendsSession: boolean
}

const cases: readonly Case[] = [
  { sameSite: 'Lax', options: {}, sendsSession: true },
  { sameSite: 'Lax', options: { responseMode: formPost }, sendsSession: false },
  { sameSite: 'None', options: { responseMode: formPost }, sendsSession: true },
  { sameSite: 'Strict', options: {}, sendsSession: false },
  { sameSite: 'Strict', options: { responseMode: formPost }, sendsSession: false },
]

// OWASP ASVS 5.0, 7.2.4.
test.each(
  cases.flatMap((one) => (['stored', 'sealed'] as const).map((kind) => ({ kind, ...one }))),
)(
  'a new login ends the session before: $kind, $sameSite, sent along: $sendsSession',
  async ({ kind, sameSite, options, sendsSession }) => {
    const sessions = kinds[kind]({ sameSite })
    const world = await build({
      sessions,
      revocations: memoryRevocations(),
      ...options,
      now: Date.now,
    })
    await world.signIn()
    const before = world.browser.cookiesFor('/account')
    const account = async () => (await world.handler(requestOf(`${base}/account`, before)))?.status
    expect(await account()).toBe(200)
    expect([200, 303]).toContain(await signInAgain(world, sendsSession))
    expect(await account()).toBe(401)
  },
)

test('a store that fails when a login begins keeps nobody from signing in', async () => {
  const store = memorySessions()
  const away = { is: false }
  const sessions = storedSessions(
    {
      ...store,
      read: async (id) => {
        if (away.is) throw new Error('the store is away')
        return store.read(id)
      },
    },
    { secrets: [secret], cookie: { sameSite: 'Strict' } },
  )
  const world = await build({ sessions, now: Date.now })
  await world.signIn()
  away.is = true
  const page = await world.browser.open('/login?return_to=/account', { until: world.issuer.url })
  expect(page.status).toBe(302)
})
