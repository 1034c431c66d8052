import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startDemo, type RunningDemo } from '../e2e/start-demo.ts'
import { describeWith } from '../support/binaries.ts'
import { launch } from './support/chromium.ts'

describeWith(['chromium'], 'the page of the demo, in Chromium', (executablePath = '') => {
  let demo: RunningDemo
  let browser: Browser
  let page: Page
  const complaints: string[] = []
  const asked: string[] = []

  beforeAll(async () => {
    demo = await startDemo()
    browser = await launch(executablePath)
    page = await browser.newPage()
    page.on('pageerror', ({ message }) => complaints.push(message))
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text())
    })
    page.on('request', (request) => asked.push(new URL(request.url()).origin))
    await page.goto(demo.url('Page'))
  })
  afterAll(async () => {
    await browser?.close()
    await demo?.end('SIGTERM')
  })

  const cell = (path: string, api: string) =>
    page.getByRole('button', { name: `${path} on ${api}` })
  const detail = () => page.getByRole('region', { name: 'See what happened' })
  const until = (text: string) => detail().getByText(text).first().waitFor()

  it('begins with a good token and every route called', async () => {
    await page.getByText('8 calls: 6 passed, 2 refused.').waitFor()
    expect(await cell('/orders', 'Express').textContent()).toBe('200 granted')
    expect(await cell('/admin', 'Koa').textContent()).toBe('403 refused')
    expect(await cell('/public', 'Koa').textContent()).toBe('200 open')
    expect(await page.locator('#token').textContent()).toContain('"scope": "orders:read"')
  })

  it('shows status, challenge and reason of a call', async () => {
    await cell('/admin', 'Koa').click()
    await until('A good token at /admin on Koa')
    const text = await detail().textContent()
    expect(text).toContain('403 Forbidden')
    expect(text).toContain('Bearer error="insufficient_scope", scope="admin"')
    expect(text).toContain('scope_missing')
    expect(text).toContain('The route demands admin.')
  })

  it.each([
    ['No token', 'no_credential', 4],
    ['A token without the scopes', 'scope_missing', 4],
    ['An expired token', 'token_expired', 6],
    ['A foreign token', 'token_issuer_unknown', 6],
    ['A token for another API', 'token_audience_refused', 6],
    ['A forged token', 'token_signature_invalid', 6],
  ])('%s: %s', async (label, code, refused) => {
    await page.getByRole('radio', { name: label }).check()
    await until(`${label} at /orders on Express`)
    await until(code)
    const summary = await page.getByRole('status').textContent()
    expect(summary).toBe(`8 calls: ${8 - refused} passed, ${refused} refused.`)
  })

  it('lets somebody in who may do everything', async () => {
    await page.getByRole('radio', { name: 'A good token for everything' }).check()
    await page.getByText('8 calls: 8 passed, 0 refused.').waitFor()
    expect(await cell('/admin', 'Express').textContent()).toBe('200 granted')
  })

  it('works from the keyboard', async () => {
    await page.getByRole('radio', { name: 'A good token for everything' }).focus()
    await page.keyboard.press('ArrowDown')
    await until('No token at /orders on Express')
    await cell('/orders', 'Koa').focus()
    await page.keyboard.press('Enter')
    await until('No token at /orders on Koa')
    await page.getByRole('button', { name: 'Get a new one' }).focus()
    await page.keyboard.press('Enter')
    await until('No token at /orders on Express')
    expect(await page.getByRole('radio', { name: 'No token' }).isChecked()).toBe(true)
  })

  it('never shows a whole token', async () => {
    await page.getByRole('radio', { name: 'A good token', exact: false }).first().check()
    await until('A good token at /orders on Express')
    expect(await page.locator('body').textContent()).not.toMatch(/[\w-]+\.[\w-]+\.[\w-]{40,}/)
    expect(await detail().textContent()).toContain('signature hidden')
  })

  it('fits on a telephone', async () => {
    await page.setViewportSize({ width: 390, height: 800 })
    const overflow = await page.evaluate(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    )
    expect(overflow).toBeLessThanOrEqual(0)
  })

  describe('all the while', () => {
    it('asks nobody but its own server, and complains about nothing', () => {
      expect(new Set(asked)).toEqual(new Set([demo.url('Page')]))
      expect(complaints).toEqual([])
    })

    it('says so when the demo has ended', async () => {
      await demo.end('SIGINT')
      await page.getByRole('button', { name: 'Call every route' }).click()
      await page.getByText('The demo does not answer').waitFor()
      expect(await page.getByRole('alert').textContent()).toContain('The demo does not answer')
    })
  })
})
