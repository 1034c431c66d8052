import { createClock, createOkta, type Okta } from '@portcullis/testkit'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { describeWith } from '../support/binaries.ts'
import type { Served } from '../support/login-apps.ts'
import { launch } from './support/chromium.ts'
import { directHosts, serveDirect } from './support/direct-site.ts'

const username = 'alice@example.com'
const password = 'correct-horse-battery'
const mistyped = 'corect-horse-batery'

const given = /"(?:mfa_token|oob_code|access_token|refresh_token|id_token)[\\]*":[\\]*"([^"\\]+)/g

describeWith(['chromium'], 'what Chromium and the logs see of a direct login', (path = '') => {
  const clock = createClock()
  const wire: string[] = []
  let okta: Okta
  let browser: Browser
  beforeAll(async () => {
    okta = await createOkta({ clock, onExchange: (one) => void wire.push(JSON.stringify(one)) })
    okta.app('native').signOn = 'two-factors'
    okta.user('alice').password = password
    browser = await launch(path)
  })
  afterAll(async () => {
    await browser?.close()
    await okta?.close()
  })

  describe.each(directHosts)('on $name', ({ app, javaScriptEnabled }) => {
    it('is no password, no code that was typed, and nothing that Okta gave', async () => {
      wire.length = 0
      const logged = watchConsole()
      const served: Served = await serveDirect(app, { okta, clock })
      const page = await (await browser.newContext({ javaScriptEnabled })).newPage()
      const seen = watch(page)
      const press = (name: string) => page.getByRole('button', { name }).click()
      const type = async (secret: string) => {
        await page.getByLabel('User name').fill(username)
        await page.getByLabel('Password').fill(secret)
        await press('Sign in')
      }
      await page.goto(`${served.url}/account`)
      await type(mistyped)
      await page.getByRole('alert').waitFor()
      await type(password)
      await press('Send a push to my phone')
      await page.getByRole('progressbar').waitFor()
      okta.phone('alice').reject()
      clock.advance(5)
      await page.getByRole('link', { name: 'Check now' }).click()
      await press('Send a code by SMS')
      await page.getByText('by SMS').waitFor()
      const code = okta.inbox('alice').lastCode('sms')
      const wrong = String((Number(code) + 500_000) % 1_000_000).padStart(6, '0')
      for (const typed of [wrong, code]) {
        await page.getByLabel('Code').fill(typed)
        await press('Confirm')
      }
      await page.waitForURL(`${served.url}/account`)
      const cookies = (await page.context().cookies()).map(({ value }) => value)
      const text = [...(await seen()), ...cookies, ...cookies.map(decoded), ...logged()].join('\n')
      await page.context().close()
      await served.close()
      clock.advance(60)

      const tokens = [...wire.join('\n').matchAll(given)].map(([, token = '']) => token)
      expect(tokens.length).toBeGreaterThan(5)
      const secrets = [password, mistyped, code, wrong, ...tokens]
      for (const shown of [
        'password is wrong.',
        'rejected on the phone.',
        'The code is wrong.',
        'Hello Alice',
      ]) {
        expect(text).toContain(shown)
      }
      expect(secrets.filter((secret) => text.includes(secret))).toEqual([])
    })
  })
})

const decoded = (value: string): string =>
  value
    .split('.')
    .map((part) => Buffer.from(part, 'base64url').toString('latin1'))
    .join('\n')

/** Addresses and answers, fields included: what histories, proxies and extensions keep. */
function watch(page: Page): () => Promise<readonly string[]> {
  const seen: Promise<string>[] = []
  page.on('request', (request) => {
    const { referer = '' } = request.headers()
    seen.push(Promise.resolve(`${request.url()} ${referer}`))
  })
  page.on('response', (response) => {
    const body = response.text().catch(() => '')
    seen.push(
      Promise.all([response.allHeaders().catch(() => ({})), body]).then((both) =>
        JSON.stringify(both),
      ),
    )
  })
  return () => Promise.all(seen)
}

function watchConsole(): () => readonly string[] {
  const spies = (['log', 'info', 'warn', 'error', 'debug'] as const).map((method) =>
    vi.spyOn(console, method).mockImplementation(() => undefined),
  )
  return () => {
    const lines = spies.flatMap(({ mock }) => mock.calls.map((call) => JSON.stringify(call)))
    for (const spy of spies) spy.mockRestore()
    return lines
  }
}
