import { memorySessions, sealedSessions, storedSessions, type LoginOptions } from '@portcullis/core'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { describeWith } from '../support/binaries.ts'
import { loginCookies } from './support/chromium.ts'
import { usualFields } from './support/nginx.ts'
import { proxiedHosts } from './support/proxied-apps.ts'
import { createProxiedWorld, type ProxiedWorld, type Stand } from './support/proxied-world.ts'

const secrets = ['a secret of at least thirty-two characters']
const stored = () => storedSessions(memorySessions(), { secrets })
const sealed = () => sealedSessions({ secrets })

/** What an application keeps with its sessions. */
const keeping = (bytes: number): Pick<LoginOptions, 'onSignIn' | 'observe'> => ({
  onSignIn: () => ({ data: { kept: 'x'.repeat(bytes) } }),
  // Or Node prints the warning.
  observe: () => {},
})

/** An ID token of 5 kB, as people in large organisations have them. */
const longIdToken: Pick<LoginOptions, 'parameters'> = {
  parameters: {
    scope: 'openid groups offline_access',
    extra: { claims: JSON.stringify({ id_token: { groups: null } }) },
  },
}
const users = {
  alice: {
    claims: { groups: Array.from({ length: 200 }, (_, at) => `department-${at}-of-everything`) },
  },
}

const roomy = (upstream: string): string => `
    location / {
      proxy_pass ${upstream};${usualFields}
      proxy_buffer_size 32k;
      proxy_buffers 8 32k;
      proxy_busy_buffers_size 64k;
    }`

const stands: readonly Stand[] = [
  { name: 'stored', options: () => ({ sessions: stored(), ...keeping(50_000) }) },
  { name: 'sealed', options: () => ({ sessions: sealed(), ...keeping(2050) }) },
  { name: 'chunks', options: () => ({ sessions: sealed(), ...keeping(6000) }) },
  {
    name: 'chunks-roomy',
    directives: roomy,
    options: () => ({ sessions: sealed(), ...keeping(6000) }),
  },
  { name: 'long', options: () => ({ sessions: stored(), ...longIdToken }) },
  {
    name: 'long-roomy',
    directives: roomy,
    options: () => ({ sessions: stored(), ...longIdToken }),
  },
]

describeWith(
  ['nginx', 'openssl', 'chromium'],
  'the size of a session behind nginx with TLS, in Chromium',
  (nginx = '', openssl = '', chromium = '') => {
    let world: ProxiedWorld
    let page: Page
    beforeAll(async () => {
      world = await createProxiedWorld({ nginx, openssl, chromium }, stands, { users })
    })
    afterAll(() => world.close())
    afterEach(() => page.context().close())

    describe.each(proxiedHosts)('of $name', ({ name: host }) => {
      const begin = async (stand: string): Promise<string> => {
        page = await world.newPage()
        return world.urlOf(host, stand)
      }
      const sizes = async (): Promise<readonly number[]> =>
        (await loginCookies(page)).session.map(({ value }) => value.length)
      const signOut = async (url: string): Promise<void> => {
        await page.goto(`${url}/home`)
        await page.getByRole('button', { name: 'Sign out' }).click()
      }
      const expectSignOut = async (url: string): Promise<void> => {
        await signOut(url)
        await page.getByRole('button', { name: 'Sign out' }).click()
        await page.waitForURL(`${url}/`)
        expect(await sizes()).toEqual([])
      }
      const signInInVain = async (url: string): Promise<number | undefined> => {
        const back = page.waitForResponse((answer) => answer.url().startsWith(`${url}/callback`))
        await world.signIn(page, `${url}/account`).catch(() => undefined)
        return (await back).status()
      }

      it('does not matter where it is stored', async () => {
        const url = await begin('stored')
        await world.signIn(page, `${url}/account`)
        expect(await sizes()).toEqual([43])
        await expectSignOut(url)
      })

      it('may be that of one sealed cookie of 3 kB', async () => {
        const url = await begin('sealed')
        await world.signIn(page, `${url}/account`)
        const [size = 0, ...others] = await sizes()
        expect(others).toEqual([])
        expect(size).toBeGreaterThan(3000)
        await expectSignOut(url)
      })

      it('may be that of several cookies only with larger buffers, and nginx says so', async () => {
        const small = await begin('chunks')
        page.setDefaultTimeout(3000)
        expect(await signInInVain(small)).toBe(502)
        expect(await sizes()).toEqual([])
        expect(world.nginx.complaints()).toContain('upstream sent too big header')
        page.setDefaultTimeout(15_000)
        const url = world.urlOf(host, 'chunks-roomy')
        await page.goto(`${url}/account`)
        await page.waitForURL(`${url}/account`)
        expect(await sizes()).toHaveLength(2)
        await expectSignOut(url)
      })

      it('of its ID token counts at the logout: the session ends all the same', async () => {
        const url = await begin('long')
        await world.signIn(page, `${url}/account`)
        const left = page.waitForResponse(`${url}/logout`)
        await signOut(url)
        expect((await left).status()).toBe(502)
        // nginx has kept the cookie's end back as well, but the store knows.
        expect(await sizes()).toEqual([43])
        await page.goto(`${url}/`)
        expect(await page.textContent('body')).toContain('{"signedIn":false}')
      })

      it('of its ID token is no trouble with larger buffers', async () => {
        const url = await begin('long-roomy')
        await world.signIn(page, `${url}/account`)
        await expectSignOut(url)
      })
    })
  },
)
