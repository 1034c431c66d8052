import { createBrowser } from '@portcullis/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openFlows, type FlowPage } from '../support/demo-flows.ts'

let page: FlowPage
beforeAll(async () => {
  page = await openFlows()
})
afterAll(() => page?.close())

describe('a flow that does not end well', () => {
  it('may ask for a message too soon after another, and then offers the choice again', async () => {
    await page.press('authn-factor', 'bob')
    await page.answer('sms')
    await page.until(({ wish, steps }) => wish && steps.length > 1)
    await page.press('authn-factor', 'bob')
    await page.answer('sms')
    const { steps } = await page.until((run) => run.wish?.kind === 'choice' && run.steps.length > 1)
    expect(steps.map(({ text }) => text).join()).toContain('one message in 30 seconds')
    await page.ask('/flows/stop', {})
  })

  it('asks again for a code that is wrong', async () => {
    await page.press('direct-sms')
    await page.answer('000000')
    const { wish, steps } = await page.until((run) => run.wish && run.steps.length > 1)
    expect(wish?.label).toBe('The code from the text message')
    expect(steps.at(-1)?.text).toContain('Not accepted: code_wrong')
    await page.typeNewest('sms')
    await page.until(({ state }) => state === 'done')
  })

  it('says that the push was refused', async () => {
    await page.press('direct-push')
    await page.until((run) => run.note)
    await page.tap('alice', 'reject')
    const { steps } = await page.until(({ state }) => state === 'failed')
    expect(steps.at(-1)?.text).toBe('The sign-in failed: rejected. What can be done: factor.')
  })

  it('says that a wrong number was tapped', async () => {
    await page.press('direct-push')
    const { note } = await page.until((run) => run.note?.value)
    const { prompts } = await page.phone('alice')
    const wrong = prompts[0]?.choices.find((choice) => choice !== note?.value)
    await page.tap('alice', 'tap', wrong)
    await page.until(({ state }) => state === 'failed')
    expect((await page.phone('alice')).prompts).toEqual([])
  })

  it('says that the device was refused', async () => {
    await page.press('device')
    const { note } = await page.until((run) => run.note?.device)
    await page.tap('alice', 'refuse', note?.device)
    const { steps } = await page.until(({ state }) => state === 'failed')
    expect(steps.at(-1)?.text).toContain('denied')
  })

  it('is stopped by its button, and by the next flow', async () => {
    await page.press('direct-email')
    await page.until((run) => run.wish)
    expect((await page.ask('/flows/stop', {})).state).toBe('stopped')
    const first = await page.press('direct-email')
    const [second, third] = await Promise.all([
      page.press('mfa-otp'),
      page.press('direct-email', 'bob'),
    ])
    expect(new Set([first.number, second.number, third.number]).size).toBe(3)
    const run = await page.until(({ wish }) => wish)
    expect(run.number).toBe(Math.max(Number(second.number), Number(third.number)))
    expect((await page.ask('/flows/stop', {})).state).toBe('stopped')
  })

  it('says that the login was refused at Okta', async () => {
    await page.press('code')
    const { wish } = await page.until((run) => run.wish)
    const browser = createBrowser()
    const login = await browser.open(page.url + String(wish?.href))
    const state = new URL(login.url).searchParams.get('state')
    await browser.open(`${page.url}/flows/code/callback?error=access_denied&state=${state}`)
    const { steps } = await page.until((run) => run.state === 'failed')
    expect(steps.at(-1)?.text).toBe('The login was refused: login_denied.')
  })

  it.each([
    ['a flow that there is not', '/flows/start', { flow: 'magic', user: 'alice' }],
    ['a person whom nobody knows', '/flows/start', { flow: 'direct-sms', user: 'constructor' }],
    ['an answer that nobody asked for', '/flows/answer', { wish: 1, value: '123456' }],
    ['a phone of nobody', '/phone', { user: '__proto__' }],
    ['a push that there is not', '/phone/act', { user: 'alice', act: 'approve' }],
    ['something that phones cannot do', '/phone/act', { user: 'alice', act: 'constructor' }],
  ])('refuses %s', async (_what, path, body) => {
    expect((await page.send(path, body)).status).toBe(400)
  })

  it('lets nobody in at the return address who did not sign in', async () => {
    const response = await fetch(`${page.url}/flows/code/arrived`, {
      redirect: 'manual',
      headers: { accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
    })
    expect(response.status).toBeGreaterThanOrEqual(300)
    expect((await page.send('/flows/code/elsewhere')).status).toBe(404)
  })
})
