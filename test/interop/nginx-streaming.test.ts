import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { describeWith } from '../support/binaries.ts'
import { loginCookies } from './support/chromium.ts'
import { usualFields } from './support/nginx.ts'
import { proxiedHosts } from './support/proxied-apps.ts'
import {
  createProxiedWorld,
  sealed,
  stored,
  type ProxiedWorld,
  type Stand,
} from './support/proxied-world.ts'

const unbuffered = (upstream: string): string => `
    location / {
      proxy_pass ${upstream};${usualFields}
      proxy_buffering off;
    }`

const stands: readonly Stand[] = [
  { name: 'sealed', directives: unbuffered, options: () => ({ sessions: sealed() }) },
  { name: 'buffered', options: () => ({ sessions: sealed() }) },
  { name: 'stored', directives: unbuffered, options: () => ({ sessions: stored() }) },
]

/** Reads a stream in the page, and tells its parts as they came. */
const reading = `(async () => {
  const parts = []
  const reader = (await fetch('/stream')).body.pipeThrough(new TextDecoderStream()).getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return parts
    parts.push(value)
  }
})()`

describeWith(
  ['nginx', 'openssl', 'chromium'],
  'a streamed answer behind nginx with TLS, in Chromium',
  (nginx = '', openssl = '', chromium = '') => {
    let world: ProxiedWorld
    let page: Page
    beforeAll(async () => {
      world = await createProxiedWorld({ nginx, openssl, chromium }, stands)
    })
    afterAll(() => world.close())
    afterEach(() => page.context().close())

    describe.each(proxiedHosts)('of $name', ({ name: host }) => {
      const begin = async (stand: string): Promise<void> => {
        page = await world.newPage()
        await world.signIn(page, `${world.urlOf(host, stand)}/account`)
      }
      const value = async (): Promise<string | undefined> =>
        (await loginCookies(page)).session[0]?.value

      it('brings the cookie of a session that was renewed for it', async () => {
        await begin('sealed')
        const before = await value()
        const parts = await page.evaluate<string[]>(reading)
        expect(parts.join('')).toBe('first second last')
        expect(parts.length).toBeGreaterThan(1)
        const after = await value()
        expect(after).not.toBe(before)
        // The renewed session holds the token, so nothing is written any more.
        await page.evaluate(reading)
        expect(await value()).toBe(after)
        await page.reload()
        expect(await page.textContent('body')).toContain('alice')
      })

      it('does so as well where nginx buffers it', async () => {
        await begin('buffered')
        const before = await value()
        expect((await page.evaluate<string[]>(reading)).join('')).toBe('first second last')
        expect(await value()).not.toBe(before)
      })

      it('needs no cookie where the session is stored', async () => {
        await begin('stored')
        const before = await value()
        expect((await page.evaluate<string[]>(reading)).join('')).toBe('first second last')
        expect(await value()).toBe(before)
      })
    })
  },
)
