import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startDemo, type RunningDemo } from '../e2e/start-demo.ts'
import { describeWith } from '../support/binaries.ts'
import { launch } from './support/chromium.ts'

// For whoever wants to look: PORTCULLIS_SCREENSHOTS names the folder.
const folder = process.env['PORTCULLIS_SCREENSHOTS'] ?? mkdtempSync(join(tmpdir(), 'flows-'))

describeWith(['chromium'], 'the flows of the demo, in Chromium', (executablePath = '') => {
  let demo: RunningDemo
  let browser: Browser
  let page: Page
  const complaints: string[] = []

  beforeAll(async () => {
    demo = await startDemo()
    browser = await launch(executablePath)
    page = await browser.newPage({ viewport: { width: 1360, height: 900 } })
    page.on('pageerror', ({ message }) => complaints.push(message))
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text())
    })
    await page.goto(demo.url('Page'))
  })
  afterAll(async () => {
    await browser?.close()
    await demo?.end('SIGTERM')
  })

  const press = (name: string) => page.getByRole('button', { name }).click()
  const phone = () => page.getByRole('complementary', { name: /^Phone of/ })
  const progress = () => page.getByRole('log', { name: 'Progress' })
  const until = (text: string) => progress().getByText(text).waitFor()
  const newestCode = (): Promise<string | null> =>
    phone().locator('#messages li').first().locator('code').textContent()
  const picture = async (name: string): Promise<void> => {
    const { byteLength } = await page.screenshot({ path: join(folder, `${name}.png`) })
    expect(byteLength).toBeGreaterThan(10_000)
  }

  it('are a page of their own', async () => {
    await page.getByRole('link', { name: 'Okta flows' }).click()
    await page.getByRole('heading', { name: 'Okta flows', level: 1 }).waitFor()
    await page.getByRole('button', { name: 'Push with a number' }).waitFor()
    expect(await page.locator('#list button').count()).toBe(27)
    await picture('list')
  })

  it('approve a push with its number on the phone', async () => {
    await press('Push with a number')
    const number = await page.locator('#note .number').textContent()
    await phone().getByText('Which number do you see?').waitFor()
    await picture('push')
    await phone()
      .getByRole('button', { name: `Tap ${number}` })
      .click()
    await until('Factors: swk')
    expect(await page.locator('#tokens').textContent()).toMatch(/Access token eyJ.{3}…/)
    await page.locator('#wire summary', { hasText: '/v1/token' }).last().click()
    await page.locator('#wire').getByText('"access_token": "eyJ').first().waitFor()
    await picture('push-done')
  })

  it('take the code of the inbox, from the keyboard', async () => {
    await page.getByRole('button', { name: 'Code by text message' }).focus()
    await page.keyboard.press('Enter')
    const field = page.getByLabel('The code from the text message')
    await field.waitFor()
    await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('code')
    await phone().getByText('Text message to').first().waitFor()
    const code = (await newestCode()) ?? ''
    const wrong = code === '123456' ? '654321' : '123456'
    await page.keyboard.type(wrong)
    await page.keyboard.press('Enter')
    await until('Not accepted: code_wrong')
    await expect.poll(() => field.inputValue()).toBe('')
    await picture('wrong-code')
    await page.keyboard.type(code)
    await page.keyboard.press('Enter')
    await until('Factors: sms')
  })

  it('say no on the phone', async () => {
    await press('Push with a number')
    await phone().getByRole('button', { name: 'No, it’s not me' }).click()
    await until('The sign-in failed: rejected')
    await picture('rejected')
  })

  it('take the code of an authenticator app after the password', async () => {
    await press('Password, then one-time password')
    await page.getByLabel('The code that the authenticator app shows').waitFor()
    const code = await phone().locator('#codes code').first().textContent()
    await page.keyboard.type(code ?? '')
    await page.keyboard.press('Enter')
    await until('Factors: pwd, otp, mfa')
    expect(await page.evaluate('document.activeElement.id')).toBe('run-title')
  })

  it('lead to Okta’s own page and back, for another person', async () => {
    await page.getByRole('radio', { name: 'bob@example.com' }).check()
    await phone().getByRole('heading', { name: 'Phone of bob' }).waitFor()
    await press('Authorization code with PKCE')
    await phone().getByRole('button', { name: 'Show the password' }).click()
    const password = await phone().locator('#password-shown code').textContent()
    await page.getByRole('link', { name: 'Go to Okta’s sign-in page' }).click()
    await page.waitForURL(`${demo.url('Okta emulator')}/**`)
    await page.getByLabel('Username').fill('bob@example.com')
    await page.getByLabel('Password').fill(password ?? '')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL(`${demo.url('Page')}/flows.html`)
    await until('Signed in with a redirect')
    expect(await page.getByRole('radio', { name: 'bob@example.com' }).isChecked()).toBe(true)
    expect(await page.locator('body').textContent()).not.toContain(password)
    await picture('code')
  })

  it('let a device in', async () => {
    await press('Device code')
    await phone().getByText('wants to connect').waitFor()
    await picture('device')
    await phone().getByRole('button', { name: 'Allow' }).click()
    await until('Granted on another device')
  })

  it('name what is legacy, and why', async () => {
    await press('Implicit')
    await until('There is no refresh token')
    expect(await page.locator('#choice').textContent()).toContain('RFC 9700 §2.1.2')
    await picture('implicit')
  })

  it('fit on a telephone', async () => {
    await page.setViewportSize({ width: 390, height: 800 })
    await press('Client credentials')
    await until('There is no user')
    const overflow = await page.evaluate(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    )
    expect(overflow).toBeLessThanOrEqual(0)
    await picture('telephone')
  })

  describe('all the while', () => {
    it('show no whole token, and give the browser nothing to complain about', async () => {
      const text = String(await page.evaluate('document.documentElement.outerHTML'))
      expect(text + demo.output()).not.toMatch(/[\w-]+\.[\w-]+\.[\w-]{40,}/)
      expect(complaints).toEqual([])
    })

    it('say so when the demo has ended', async () => {
      await demo.end('SIGINT')
      await page.getByText('The demo does not answer').waitFor()
    })
  })
})
