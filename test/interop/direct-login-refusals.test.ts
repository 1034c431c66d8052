import { createClock, createOkta, type Okta } from '@portcullis/testkit'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { describeWith } from '../support/binaries.ts'
import { serveLogin, type Served } from '../support/login-apps.ts'
import { launch } from './support/chromium.ts'
import { directHosts, serveDirect, visit, type DirectVisitor } from './support/direct-site.ts'

describeWith(
  ['chromium'],
  'whom the example of direct login keeps out, in Chromium',
  (path = '') => {
    const clock = createClock()
    let okta: Okta
    let browser: Browser
    beforeAll(async () => {
      okta = await createOkta({ clock })
      okta.app('native').signOn = 'two-factors'
      browser = await launch(path)
    })
    afterAll(async () => {
      await browser?.close()
      await okta?.close()
    })

    describe.each(directHosts)('on $name, scripts: $javaScriptEnabled', (host) => {
      let served: Served
      let page: Page
      let visitor: DirectVisitor
      beforeEach(async () => {
        served = await serveDirect(host.app, { okta, clock })
        const { javaScriptEnabled } = host
        page = await (await browser.newContext({ javaScriptEnabled })).newPage()
        visitor = visit(page, served.url)
      })
      afterEach(async () => {
        await page.context().close()
        await served.close()
        okta.limits.succeed(okta.user('alice'))
        clock.advance(60)
      })
      const reachedOkta = (): number => okta.requests.of('token')

      it('locks out after five wrong passwords, also whoever knows the right one', async () => {
        await page.goto(`${served.url}/account`)
        okta.requests.reset()
        for (const wrong of ['a', 'b', 'c', 'd', 'e']) {
          await visitor.type(`wrong ${wrong}`)
          expect(await visitor.alert()).toBe('The user name or the password is wrong.')
        }
        await visitor.type('wrong f')
        expect(await visitor.alert()).toBe('There were too many attempts. Try again in 15 minutes.')
        await visitor.type()
        expect([await visitor.alert(), reachedOkta()]).toEqual([
          'There were too many attempts. Try again in 15 minutes.',
          5,
        ])
        clock.advance(900)
        await visitor.type()
        await visitor.see('One more step')
      })

      it('locks out after five wrong codes, and the right password gives no new ones', async () => {
        await visitor.begin()
        okta.requests.reset()
        for (let tries = 0; tries < 5; tries++) {
          await visitor.confirm(wrongCode())
          expect(await visitor.alert()).toBe('The code is wrong.')
        }
        await visitor.confirm(okta.phone('alice').code())
        expect(await visitor.alert()).toContain('There were too many attempts.')
        await visitor.press('Cancel')
        await visitor.type()
        expect([await visitor.alert(), reachedOkta()]).toEqual([
          'There were too many attempts. Try again in 15 minutes.',
          5,
        ])
      })

      it('locks out an address from which fifty names were tried', async () => {
        okta.requests.reset()
        const attempt = async (name: string): Promise<number> => {
          const body = new URLSearchParams({ username: `${name}@example.com`, password: 'wrong' })
          return (await fetch(`${served.url}/direct/start`, { method: 'POST', body })).status
        }
        const statuses = await Promise.all(Array.from({ length: 60 }, (_, n) => attempt(`n${n}`)))
        expect([statuses.filter((status) => status === 400).length, reachedOkta()]).toEqual([
          50, 50,
        ])
        await page.goto(`${served.url}/account`)
        await visitor.type()
        expect(await visitor.alert()).toBe('There were too many attempts. Try again in 15 minutes.')
      })

      it.each(['127.0.0.1', 'localhost'])(
        'refuses a form of another origin, at %s',
        async (name) => {
          const evil = await serveLogin(() => (_req, res) => {
            res.setHeader('Content-Type', 'text/html')
            res.end(`<form method="post" action="${served.url}/direct/start">
          <input name="username" value="alice@example.com"><input name="password" value="password">
          <button>Win a prize</button></form>`)
          })
          okta.requests.reset()
          await page.goto(evil.url.replace('127.0.0.1', name))
          const answered = page.waitForResponse(`${served.url}/direct/start`)
          await visitor.press('Win a prize')
          expect([(await answered).status(), reachedOkta()]).toEqual([403, 0])
          expect(await page.context().cookies()).toEqual([])
          await evil.close()
        },
      )

      /** One that the authenticator app does not show now, before or after. */
      const wrongCode = (): string => {
        const right = Number(okta.phone('alice').code())
        return String((right + 500_000) % 1_000_000).padStart(6, '0')
      }
    })
  },
)
