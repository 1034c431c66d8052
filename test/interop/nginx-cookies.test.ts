import { formPost } from '@portcullis/core'
import type { Cookie, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { describeWith } from '../support/binaries.ts'
import { loginCookies, typeIn } from './support/chromium.ts'
import { proxiedHosts } from './support/proxied-apps.ts'
import {
  createProxiedWorld,
  sealed,
  stored,
  type ProxiedWorld,
  type Stand,
} from './support/proxied-world.ts'

const stands: readonly Stand[] = [
  { name: 'stored', options: () => ({ sessions: stored() }) },
  { name: 'sealed', options: () => ({ sessions: sealed() }) },
  { name: 'post', options: () => ({ sessions: stored(), responseMode: formPost }) },
  { name: 'below', path: '/app', options: () => ({ sessions: stored() }) },
]

/** Seconds from now until the browser forgets a cookie. */
const lifeOf = ({ expires }: Cookie): number => expires - Date.now() / 1000

describeWith(
  ['nginx', 'openssl', 'chromium'],
  'the cookies of a login behind nginx with TLS, in Chromium',
  (nginx = '', openssl = '', chromium = '') => {
    let world: ProxiedWorld
    let page: Page
    beforeAll(async () => {
      world = await createProxiedWorld({ nginx, openssl, chromium }, stands)
    })
    afterAll(() => world.close())
    afterEach(() => page.context().close())

    describe.each(proxiedHosts)('of $name', ({ name: host }) => {
      const begin = async (stand: string): Promise<string> => {
        page = await world.newPage()
        return world.urlOf(host, stand)
      }

      it.each(['stored', 'sealed', 'post'])('the session (%s)', async (stand) => {
        const url = await begin(stand)
        await world.signIn(page, `${url}/account`)
        const { session } = await loginCookies(page)
        expect(session).toEqual([
          expect.objectContaining({
            name: expect.stringMatching(/^__Host-portcullis-[a-zA-Z\d]{1,8}$/),
            // Of this host alone: for subdomains it would begin with a dot.
            domain: `${stand}-${host}.app.test`,
            path: '/',
            secure: true,
            httpOnly: true,
            sameSite: 'Lax',
          }),
        ])
        expect(session.map(lifeOf)[0]).toBeGreaterThan(86_300)
        expect(session.map(lifeOf)[0]).toBeLessThanOrEqual(86_401)
        expect(await page.evaluate('document.cookie')).toBe('')
      })

      it.each([
        ['stored', '', 'Lax'],
        ['post', '', 'None'],
        ['below', '/app', 'Lax'],
      ])('the transaction (%s)', async (stand, path, sameSite) => {
        const url = await begin(stand)
        await page.goto(`${url}/account`)
        const { attempts, marks, session } = await loginCookies(page)
        expect(session).toEqual([])
        expect(attempts).toEqual([
          expect.objectContaining({
            name: expect.stringMatching(/^__Secure-portcullis-/),
            domain: `${stand}-${host}.app.test`,
            path: `${path}/callback`,
            secure: true,
            httpOnly: true,
            sameSite,
          }),
        ])
        expect(attempts.map(lifeOf)[0]).toBeGreaterThan(590)
        expect(attempts.map(lifeOf)[0]).toBeLessThanOrEqual(601)
        expect(marks).toEqual([
          expect.objectContaining({
            name: expect.stringMatching(/^__Host-portcullis-/),
            path: '/',
            secure: true,
            httpOnly: true,
            sameSite,
          }),
        ])
        // Where the answer is posted from another site, it must come along all the same.
        await typeIn(page, 'alice')
        await page.waitForURL(`${url}/account`)
      })

      it('at most five transactions are kept, and the newest one works', async () => {
        const url = await begin('stored')
        for (let tab = 0; tab < 7; tab++) await page.goto(`${url}/account?tab=${tab}`)
        expect((await loginCookies(page)).attempts).toHaveLength(5)
        await typeIn(page, 'alice')
        await page.waitForURL(`${url}/account?tab=6`)
      })

      it('nothing is left of the session after the logout', async () => {
        const url = await begin('sealed')
        await world.signIn(page, `${url}/home`)
        await page.getByRole('button', { name: 'Sign out' }).click()
        await page.getByRole('button', { name: 'Sign out' }).click()
        await page.waitForURL(`${url}/`)
        expect((await loginCookies(page)).session).toEqual([])
        expect(await page.textContent('body')).toContain('{"signedIn":false}')
      })
    })
  },
)
