import type { RequestListener } from 'node:http'
import { createBrowser, createClock, createOkta, type Okta } from '@portcullis/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createExpressApp } from '../../examples/okta-direct/express.mjs'
import { createKoaApp } from '../../examples/okta-direct/koa.mjs'
import { serveLogin, type Served } from '../support/login-apps.ts'

interface Settings {
  readonly domain: string
  readonly authorizationServer: string
  readonly client: { readonly id: string }
  readonly baseUrl: string
  readonly secret: string
  readonly now: () => number
}

const hosts: readonly {
  readonly name: string
  readonly app: (given: Settings) => RequestListener
}[] = [
  { name: 'Express', app: (given) => createExpressApp(given) },
  { name: 'Koa', app: (given) => createKoaApp(given).callback() },
]

const clock = createClock()
let okta: Okta
let served: Served
beforeAll(async () => {
  okta = await createOkta({ clock, numberChallenge: true })
})
afterAll(() => okta.close())
afterEach(() => served.close())

describe.each(hosts)('the example of direct login on $name', ({ app }) => {
  const open = async () => {
    served = await serveLogin((baseUrl) =>
      app({
        domain: okta.url,
        authorizationServer: 'default',
        client: { id: okta.app('native').clientId },
        baseUrl,
        secret: 'a secret of the example, long enough to seal',
        now: clock.now,
      }),
    )
    const browser = createBrowser()
    return { browser, page: await browser.open(`${served.url}/account`) }
  }

  test('signs in by forms alone: password, push with a number, page that asks by itself', async () => {
    okta.app('native').signOn = 'two-factors'
    const { browser, page } = await open()
    expect(page.html).toContain('<label>User name <input name="username"')
    const wrong = await browser.submit(page, { username: 'alice@example.com', password: 'wrong' })
    expect([wrong.status, wrong.html]).toEqual([400, expect.stringContaining('role="alert"')])
    const choice = await browser.submit(wrong, {
      username: 'alice@example.com',
      password: 'password',
    })
    expect(choice.html).toContain('name="factor" value="push"')
    const url = `${served.url}/direct`
    const pushed = await browser.send(`${url}/challenge`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'factor=push',
    })
    const waiting = await pushed.text()
    const [, number = ''] = /<strong>(\d+)<\/strong>/.exec(waiting) ?? []
    const [, seconds, address] = /content="(\d+);url=([^"]+)"/.exec(waiting) ?? []
    expect([number === '', Number(seconds) > 0, address]).toEqual([false, true, '/direct/poll'])
    expect(waiting).toContain('<progress aria-label=')
    okta.phone('alice').tap(number)
    clock.advance(Number(seconds))
    const account = await browser.open(`${url}/poll`)
    expect([account.url, account.html]).toEqual([
      `${served.url}/account`,
      expect.stringContaining('Hello Alice'),
    ])
  })
})
