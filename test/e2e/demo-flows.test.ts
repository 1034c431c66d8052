import { createBrowser } from '@portcullis/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openFlows, type FlowPage } from '../support/demo-flows.ts'
import { secretNames, secretsOf } from '../support/demo-secrets.ts'

let page: FlowPage
beforeAll(async () => {
  page = await openFlows()
})
afterAll(() => page?.close())

const isDone = ({ state }: { readonly state: string }) => state === 'done'

const authenticator = async (user: string, app: string): Promise<string> =>
  (await page.phone(user)).codes.find(({ label }) => label === app)?.code ?? ''

const tapNumber = async (user = 'alice'): Promise<void> => {
  const { note } = await page.until((run) => run.note?.value)
  expect((await page.phone(user)).prompts[0]?.choices).toContain(note?.value)
  await page.tap(user, 'tap', note?.value)
}

const signIn = async (): Promise<void> => {
  const { wish } = await page.until((run) => run.wish)
  const browser = createBrowser()
  const login = await browser.open(page.url + String(wish?.href))
  expect(login.url).toContain(page.okta)
  const { password } = JSON.parse(
    await (await page.send('/phone/password', { user: 'alice' })).text(),
  )
  const back = await browser.submit(login, { username: 'alice@example.com', password })
  expect(back.url).toBe(`${page.url}/flows.html`)
}

const nothing = () => Promise.resolve()

// Each code of an authenticator app counts once: flows that need one take different ones.
const walks: Readonly<Record<string, { user?: string; by: () => Promise<void>; end: string }>> = {
  code: { by: signIn, end: 'Signed in with a redirect' },
  hybrid: { by: nothing, end: 'The front end has its ID token' },
  implicit: { by: nothing, end: 'There is no refresh token' },
  'direct-password-otp': {
    by: async () => page.answer(await authenticator('alice', 'Okta Verify')),
    end: 'Factors: pwd, otp, mfa',
  },
  'direct-otp': {
    user: 'bob',
    by: async () => page.answer(await authenticator('bob', 'Okta Verify')),
    end: 'Factors: otp',
  },
  'direct-push': { by: tapNumber, end: 'Factors: swk' },
  'direct-sms': { by: () => page.typeNewest('sms'), end: 'Factors: sms' },
  'direct-email': { by: () => page.typeNewest('email'), end: 'Factors: email' },
  'direct-voice': { by: () => page.typeNewest('voice'), end: 'Factors: tel' },
  'mfa-otp': {
    by: async () => {
      await page.typeNewest('sms')
      await page.until(({ wish }) => wish?.label.includes('authenticator'))
      await page.answer(await authenticator('alice', 'Google Authenticator'))
    },
    end: 'Factors: sms, otp, mfa',
  },
  'mfa-oob': {
    by: async () => {
      await page.answer('push')
      await tapNumber()
    },
    end: 'Factors: pwd, swk, mfa',
  },
  'client-credentials': { by: nothing, end: 'no user, no ID token' },
  device: {
    by: async () => {
      const { note } = await page.until((run) => run.note?.device)
      await page.tap('alice', 'allow', note?.device)
    },
    end: 'Granted on another device',
  },
  ciba: {
    by: async () => {
      await expect.poll(async () => (await page.phone('alice')).prompts.length).toBe(1)
      const { prompts } = await page.phone('alice')
      await page.tap('alice', prompts[0]?.hasNumber ? 'reject' : 'approve')
    },
    end: 'Granted on another device',
  },
  'public-client': { by: nothing, end: 'they lack the verifier' },
  social: { by: nothing, end: 'the claim idp of the ID token says so' },
  'jwt-bearer': { by: nothing, end: 'who was not asked again' },
  'step-up': {
    by: async () => {
      await page.answer('email')
      await page.until(({ wish }) => wish?.kind === 'code')
      await page.typeNewest('email')
    },
    end: 'With two factors /payments answers 200',
  },
  'authn-recovery': {
    user: 'bob',
    by: () => page.typeNewest('voice', 'bob'),
    end: 'The password is a new one',
  },
  exchange: { by: nothing, end: 'for api://payments' },
  password: { by: nothing, end: 'legacyPasswordGrant' },
  'authn-authorize': { by: nothing, end: 'then a code, then tokens' },
  'authn-cookie': { by: nothing, end: 'A silent login now: login_required' },
  'authn-factor': {
    user: 'bob',
    by: async () => {
      await page.answer('sms')
      await page.until(({ wish }) => wish?.kind === 'code')
      await page.answer('999999')
      await page.until(({ wish, steps }) => wish && steps.at(-1)?.text.includes('MFA_CHALLENGE'))
      await page.typeNewest('sms', 'bob')
    },
    end: 'Signed in with two factors',
  },
  refresh: { by: nothing, end: 'refused too, grant_refused' },
  logout: { by: nothing, end: 'A silent login now: login_required' },
  servers: { by: nothing, end: 'tokens of a custom server only' },
}

const withoutTokens = new Set(['authn-factor', 'authn-recovery'])

describe('the flows of the demo', () => {
  it('are the buttons of the page, each with what chooseFlow says about it', async () => {
    const { flows } = await page.ask<{
      flows: { id: string; isLegacy: boolean; choice: { warnings: readonly object[] } }[]
    }>('/flows')
    expect(flows.map(({ id }) => id).toSorted()).toEqual(Object.keys(walks).toSorted())
    const legacy = flows.filter(({ isLegacy }) => isLegacy)
    expect(legacy.map(({ id }) => id)).toEqual(['hybrid', 'implicit', 'password'])
    for (const { choice } of legacy) expect(choice.warnings.length).toBeGreaterThan(0)
  })

  it.each(Object.entries(walks))('%s runs to its end', async (id, { user = 'alice', by, end }) => {
    const before = page.exchanges.length
    await page.press(id, user)
    await by()
    const run = await page.until(isDone)
    expect(run.steps.at(-1)?.text).toContain(end)
    expect(run.flow).toBe(id)
    expect(run.wire.length).toBe(page.exchanges.length - before)
    expect(run.wire.at(-1)?.request.line).toMatch(/^(GET|POST|DELETE) http:\/\/127\.0\.0\.1:/)
    // A session of the org is no token.
    const masked = run.tokens?.[0]?.masked ?? 'none'
    expect(masked).toMatch(withoutTokens.has(id) ? /^none$/ : /^eyJ.{3}…$/)
  })

  it('shows what a token of each server is worth to an API', async () => {
    await page.press('servers')
    const { steps } = await page.until(isDone)
    const text = steps.map((step) => step.text).join('\n')
    expect(text).toMatch(/refuses the access token: 401[^]+takes the access token: 200/)
  })
})

describe('what the demo serves and prints', () => {
  it('holds no password, code, secret or token of all that went over the wire', () => {
    const secrets = secretsOf(page.exchanges)
    // Nothing was looked for in vain: each kind went over the wire.
    expect([...new Set(secrets.values())]).toEqual(expect.arrayContaining([...secretNames]))
    const text = page.shown.join('\n')
    const leaks = [...secrets].filter(([value]) =>
      value.length < 12
        ? new RegExp(`(?<![\\w.])${value}(?!\\w)`).test(text)
        : text.includes(value),
    )
    expect(leaks.map(([, name]) => name)).toEqual([])
    expect(text).not.toContain('-secret-')
    expect(text).not.toMatch(/[\w-]+\.[\w-]+\.[\w-]{40,}/)
  })
})
