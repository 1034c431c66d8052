import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startDemo, type RunningDemo } from '../e2e/start-demo.ts'
import { describeWith } from '../support/binaries.ts'
import { launch, typeIn } from './support/chromium.ts'

const lifetime = 4

describeWith(['chromium'], 'the web applications of the demo, in Chromium', (path = '') => {
  let demo: RunningDemo
  let browser: Browser
  beforeAll(async () => {
    demo = await startDemo(lifetime)
    browser = await launch(path)
  })
  afterAll(async () => {
    await browser?.close()
    await demo?.end('SIGTERM')
  })

  // They need no script, so half of the walk is made without.
  describe.each([
    ['Express', true],
    ['Koa', false],
  ] as const)('%s', (name, javaScriptEnabled) => {
    let page: Page
    const complaints: string[] = []
    const home = (): string => demo.url(`${name} web app`)
    const value = (term: string): Promise<string | null> =>
      page.locator(`dt:text-is("${term}") + dd`).textContent()

    beforeAll(async () => {
      page = await (await browser.newContext({ javaScriptEnabled })).newPage()
      page.on('pageerror', ({ message }) => complaints.push(message))
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text())
      })
    })

    it('is reached from the page of the demo', async () => {
      await page.goto(demo.url('Page'))
      if (javaScriptEnabled) {
        await page.getByRole('link', { name: `${name} web application` }).click()
      } else {
        await page.goto(home())
      }
      expect(page.url()).toBe(`${home()}/`)
      expect(await page.locator('h2').textContent()).toBe('You are not signed in')
    })

    it('signs alice in from the keyboard', async () => {
      await page.keyboard.press('Tab')
      await page.keyboard.press('Enter')
      await page.waitForURL(`${demo.url('Authorization server')}/**`)
      await typeIn(page, 'alice')
      await page.waitForURL(`${home()}/account`)
      expect(await value('Name')).toBe('Alice')
    })

    it.each(['Express', 'Koa'])('calls the %s API', async (api) => {
      await page.getByRole('link', { name: `GET /orders on ${api}` }).click()
      expect(await value('Status')).toBe('200 OK')
      expect(await page.locator('pre').textContent()).toContain('oak beams')
      await page.getByRole('link', { name: `GET /admin on ${api}` }).click()
      expect(await value('Status')).toBe('403 Forbidden')
    })

    it('shows how the access token is renewed', async () => {
      const before = Number(await value('Renewed since you signed in'))
      const count = async (): Promise<number> => {
        await page.getByRole('link', { name: 'Look again' }).click()
        return Number(await value('Renewed since you signed in'))
      }
      await expect.poll(count, { timeout: 10_000, interval: 300 }).toBe(before + 1)
      expect(Number(await value('Seconds left'))).toBeGreaterThan(1)
    })

    it('fits on a telephone', async () => {
      await page.setViewportSize({ width: 390, height: 800 })
      const overflow = await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      )
      expect(overflow).toBe(0)
    })

    it('signs alice out', async () => {
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.waitForURL(`${demo.url('Authorization server')}/**`)
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.waitForURL(`${home()}/`)
      await page.goto(`${home()}/account`)
      expect(page.url()).toContain(demo.url('Authorization server'))
    })

    it('gives the browser nothing to complain about', () => {
      expect(complaints).toEqual([])
    })
  })
})
