import { createClock, createOkta, type Okta } from '@portcullis/testkit'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { describeWith } from '../support/binaries.ts'
import type { Served } from '../support/login-apps.ts'
import { launch } from './support/chromium.ts'
import { directHosts, serveDirect, visit, type DirectVisitor } from './support/direct-site.ts'

// Where the pictures go, for whoever wants to look at them.
const folder = process.env['PORTCULLIS_SCREENSHOTS']

describeWith(['chromium'], 'the example of direct login, in Chromium', (executablePath = '') => {
  const clock = createClock()
  let okta: Okta
  let browser: Browser
  beforeAll(async () => {
    okta = await createOkta({ clock, numberChallenge: true })
    okta.app('native').signOn = 'two-factors'
    browser = await launch(executablePath)
  })
  afterAll(async () => {
    await browser?.close()
    await okta?.close()
  })

  describe.each(directHosts)('on $name, scripts: $javaScriptEnabled', (host) => {
    let served: Served
    let page: Page
    let visitor: DirectVisitor
    let complaints: string[]
    beforeEach(async () => {
      served = await serveDirect(host.app, { okta, clock })
      const { javaScriptEnabled } = host
      page = await (await browser.newContext({ javaScriptEnabled })).newPage()
      visitor = visit(page, served.url)
      complaints = []
      page.on('pageerror', ({ message }) => complaints.push(message))
      page.on('console', (message) => {
        // A form that is shown again says so in its status, which Chromium writes to its console.
        const isStatus = /the server responded with a status of 4/.test(message.text())
        if (message.type() === 'error' && !isStatus) complaints.push(message.text())
      })
    })
    afterEach(async () => {
      await page.context().close()
      await served.close()
      okta.limits.succeed(okta.user('alice'))
      okta.settings.pollInterval = 5
      clock.advance(60)
    })

    const picture = async (name: string): Promise<void> => {
      if (folder === undefined) return
      await page.screenshot({ path: `${folder}/${host.name}-${name}.png` })
    }
    const isIn = async (): Promise<void> => {
      await page.waitForURL(`${served.url}/account`)
      expect(await page.locator('p').textContent()).toBe('Hello Alice Example.')
    }
    const focused = (): Promise<void> => page.locator('input:focus').waitFor()
    /** Pixels that could be seen by scrolling aside only. */
    const overflow = (): Promise<unknown> =>
      page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')

    it('signs in by a push whose number is tapped, and the page finds out by itself', async () => {
      // The page waits by the real clock.
      okta.settings.pollInterval = 2
      await page.goto(`${served.url}/account`)
      await picture('1-start')
      await visitor.type()
      await picture('2-choice')
      await visitor.press('Send a push to my phone')
      const number = await page.locator('strong').textContent()
      expect(okta.phone('alice').prompts.at(-1)?.choices).toContain(number)
      await page.getByRole('progressbar', { name: 'Waiting for your phone' }).waitFor()
      await picture('3-push')
      clock.advance(5)
      await page.getByRole('link', { name: 'Check now' }).click()
      await page.waitForURL(`${served.url}/direct/poll`)
      expect(await page.locator('strong').textContent()).toBe(number)
      okta.phone('alice').tap(number ?? '')
      clock.advance(5)
      await isIn()
      await visitor.press('Sign out')
      await page.goto(`${served.url}/account`)
      expect(page.url()).toBe(`${served.url}/direct?return_to=/account`)
      expect(complaints).toEqual([])
    })

    it('signs in by a code that came by SMS, from the keyboard, a wrong one before it', async () => {
      await visitor.begin()
      await visitor.press('Send a code by SMS')
      await visitor.see('Type the code')
      const code = okta.inbox('alice').lastCode('sms')
      await focused()
      await page.keyboard.type(code === '000000' ? '000001' : '000000')
      await picture('4-sms')
      await page.keyboard.press('Enter')
      expect([await visitor.alert(), await page.title()]).toEqual([
        'The code is wrong.',
        'Error: Type the code',
      ])
      await picture('5-wrong-code')
      await focused()
      await page.keyboard.type(code)
      await page.keyboard.press('Enter')
      await isIn()
      expect(complaints).toEqual([])
    })

    it('goes on with another factor where the push was rejected', async () => {
      await visitor.begin()
      await visitor.press('Send a push to my phone')
      await visitor.see('Look at your phone')
      okta.phone('alice').reject()
      clock.advance(5)
      await page.getByRole('link', { name: 'Check now' }).click()
      expect(await visitor.alert()).toBe('The request was rejected on the phone.')
      await picture('6-rejected')
      clock.advance(60)
      await visitor.confirm(okta.phone('alice').code())
      await isIn()
    })

    it('rejects where another number is tapped', async () => {
      await visitor.begin()
      await visitor.press('Send a push to my phone')
      const [number, { choices = [] } = {}] = [
        await page.locator('strong').textContent(),
        okta.phone('alice').prompts.at(-1),
      ]
      okta.phone('alice').tap(choices.find((choice) => choice !== number) ?? '')
      clock.advance(5)
      await page.getByRole('link', { name: 'Check now' }).click()
      expect(await visitor.alert()).toBe('The request was rejected on the phone.')
    })

    it('begins again where the phone was left alone', async () => {
      await visitor.begin()
      await visitor.press('Send a push to my phone')
      await visitor.see('Look at your phone')
      clock.advance(301)
      await page.getByRole('link', { name: 'Check now' }).click()
      expect(await visitor.alert()).toBe('That took too long. Please begin again.')
      await visitor.type()
      await visitor.see('One more step')
    })

    it('can be cancelled, and sends another code', async () => {
      await visitor.begin()
      await visitor.press('Send a code by SMS')
      await visitor.see('Type the code')
      const first = okta.inbox('alice').messages.length
      clock.advance(31)
      await visitor.press('Send again')
      await visitor.see('Type the code')
      expect(okta.inbox('alice').messages.length).toBe(first + 1)
      await visitor.press('Cancel')
      await visitor.see('Sign in')
      expect(page.url()).toBe(`${served.url}/direct`)
      expect(await page.context().cookies()).toEqual([])
    })

    it('fits on a telephone, in the dark too, and nothing of it is cut off', async () => {
      await page.setViewportSize({ width: 320, height: 640 })
      await page.emulateMedia({ colorScheme: 'dark' })
      await visitor.begin()
      expect(await overflow()).toBe(0)
      await picture('8-telephone')
      await visitor.press('Send a push to my phone')
      await visitor.see('Look at your phone')
      expect(await overflow()).toBe(0)
      await picture('9-telephone-push')
    })
  })
})
