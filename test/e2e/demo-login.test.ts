import { setTimeout as sleep } from 'node:timers/promises'
import { createBrowser, type Browser, type Page } from '@portcullis/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startDemo, type RunningDemo } from './start-demo.ts'

const wholeToken = /[\w-]+\.[\w-]+\.[\w-]{40,}/
const lifetime = 4

let demo: RunningDemo
beforeAll(async () => {
  demo = await startDemo(lifetime)
})
afterAll(() => demo.end('SIGTERM'))

const alice = { user: 'alice', password: 'password', answer: 'sign-in' }

/** What stands beside a term on the account page. */
const valueOf = ({ html }: Page, term: string): string | undefined =>
  new RegExp(`<dt>${term}</dt><dd>([^<]*)</dd>`).exec(html)?.[1]

const renewals = (page: Page): number => Number(valueOf(page, 'Renewed since you signed in'))

describe.each(['Express', 'Koa'] as const)('the %s web application of the demo', (name) => {
  const browser: Browser = createBrowser()
  const account = (query = ''): string => `${demo.url(`${name} web app`)}/account${query}`

  it('tells a stranger how to sign in', async () => {
    const page = await browser.open(demo.url(`${name} web app`))
    expect(page.html).toContain('You are not signed in')
    expect(page.html).toContain('<strong>alice</strong>')
    const { headers } = await browser.send(page.url)
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(headers.getSetCookie()).toEqual([])
  })

  it('serves what its pages name', async () => {
    for (const [file, type] of [
      ['style.css', 'text/css'],
      ['icon.svg', 'image/svg+xml'],
    ] as const) {
      const { status, headers } = await fetch(`${demo.url(`${name} web app`)}/${file}`)
      expect([status, headers.get('content-type')]).toEqual([200, expect.stringContaining(type)])
    }
  })

  it('lets nobody in with a wrong password, and alice with hers', async () => {
    const asked = await browser.open(account())
    expect(asked.url).toContain(demo.url('Authorization server'))
    const refused = await browser.submit(asked, { ...alice, password: 'guessed' })
    expect(refused.html).toContain('User name or password is wrong.')
    const page = await browser.submit(refused, alice)
    expect(page.url).toBe(account())
    expect(valueOf(page, 'Name')).toBe('Alice')
    expect(valueOf(page, 'Renewed since you signed in')).toBe('0')
    expect(demo.output()).toContain(`${name} web`.padEnd(12) + 'signed-in alice')
  })

  it.each(['Express', 'Koa'])('calls the %s API in the name of alice', async (api) => {
    const orders = await browser.open(account(`?api=${api}&path=/orders`))
    expect(valueOf(orders, 'Status')).toBe('200 OK')
    expect(orders.html).toContain('oak beams')
    const admin = await browser.open(account(`?api=${api}&path=/admin`))
    expect(valueOf(admin, 'Status')).toBe('403 Forbidden')
  })

  it('calls nothing else', async () => {
    const page = await browser.open(account('?api=Koa&path=/../secret'))
    expect(valueOf(page, 'Status')).toBeUndefined()
  })

  it('renews the access token while alice looks', async () => {
    const before = renewals(await browser.open(account()))
    let page = await browser.open(account())
    for (let look = 0; look < 20 && renewals(page) === before; look++) {
      await sleep(300)
      page = await browser.open(account())
      expect(Number(valueOf(page, 'Seconds left'))).toBeGreaterThan(0)
    }
    expect(renewals(page)).toBe(before + 1)
    const call = await browser.open(account(`?api=${name}&path=/orders`))
    expect(valueOf(call, 'Status')).toBe('200 OK')
  })

  it('lets alice into the other one without asking again', async () => {
    const other = name === 'Koa' ? 'Express' : 'Koa'
    const page = await browser.open(`${demo.url(`${other} web app`)}/account`)
    expect(page.url).toBe(`${demo.url(`${other} web app`)}/account`)
    expect(valueOf(page, 'Name')).toBe('Alice')
  })

  it('signs alice out, here and at the authorization server', async () => {
    const asked = await browser.submit(await browser.open(account()))
    expect(asked.html).toContain('Sign out?')
    const page = await browser.submit(asked, { logout: 'yes' })
    expect(page.url).toBe(`${demo.url(`${name} web app`)}/`)
    expect(page.html).toContain('You are not signed in')
    expect((await browser.open(account())).html).toContain('<h1>Sign in</h1>')
  })

  it('shows and prints no whole token', async () => {
    const asked = await browser.open(account())
    const page = await browser.submit(asked, alice)
    expect(page.html).toContain('signature hidden')
    expect(page.html).not.toMatch(wholeToken)
    expect(demo.output()).not.toMatch(wholeToken)
  })
})
