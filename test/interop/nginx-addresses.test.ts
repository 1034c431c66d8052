import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { describeWith } from '../support/binaries.ts'
import { loginCookies, typeIn } from './support/chromium.ts'
import { usualFields } from './support/nginx.ts'
import { proxiedHosts } from './support/proxied-apps.ts'
import {
  createProxiedWorld,
  stored,
  type ProxiedWorld,
  type Stand,
} from './support/proxied-world.ts'

const usual = () => ({ sessions: stored() })

/** Only one path of the host is the application's. */
const below = (target: string): string => `
    location /app/ {
      proxy_pass ${target};${usualFields}
    }
    location / { return 404; }`

/** Hands on what the client says about the way it came. */
const careless = (upstream: string): string => `
    location / {
      proxy_set_header Host $http_host;
      proxy_pass ${upstream};
    }`

/** Names a host of its own to the application, as nginx does where nobody tells it otherwise. */
const hostless = (upstream: string): string => `
    location / {
      proxy_pass ${upstream};
    }`

const stands: readonly Stand[] = [
  { name: 'kept', path: '/app', directives: below, options: usual },
  {
    name: 'stripped',
    path: '/app',
    mount: '',
    directives: (upstream) => below(`${upstream}/`),
    options: () => ({ sessions: stored(), strippedPath: true }),
  },
  { name: 'usual', options: usual },
  { name: 'careless', directives: careless, options: usual },
  { name: 'hostless', directives: hostless, options: usual },
  { name: 'trusting', trusts: true, others: ['https://other.app.test'], options: usual },
  {
    name: 'deceived',
    trusts: true,
    others: ['https://other.app.test'],
    directives: careless,
    options: usual,
  },
]

const lies = {
  'x-forwarded-host': 'evil.test',
  'x-forwarded-proto': 'http',
  'x-forwarded-port': '1',
  'x-forwarded-for': '203.0.113.9',
  'x-forwarded-prefix': '/evil',
  forwarded: 'host=evil.test;proto=http',
}

describeWith(
  ['nginx', 'openssl', 'chromium'],
  'the addresses of a login behind nginx with TLS, in Chromium',
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
      /** Every address that the browser is sent to from now on. */
      const watch = (): string[] => {
        const sent: string[] = []
        page.on('response', (response) => {
          const { location } = response.headers()
          if (location !== undefined) sent.push(new URL(location, response.url()).href)
        })
        return sent
      }
      const walk = async (url: string): Promise<void> => {
        await world.signIn(page, `${url}/account?tab=1`)
        await page.goto(`${url}/home`)
        await page.getByRole('button', { name: 'Sign out' }).click()
        await page.getByRole('button', { name: 'Sign out' }).click()
        await page.waitForURL(`${url}/`)
        expect(await page.textContent('body')).toContain('{"signedIn":false}')
      }

      it.each(['kept', 'stripped'])('below a path that the proxy has %s', async (stand) => {
        const url = await begin(stand)
        const sent = watch()
        await walk(url)
        const own = sent.filter((address) => address.startsWith(new URL(url).origin))
        expect(own.length).toBeGreaterThan(2)
        expect(own.filter((address) => !address.startsWith(`${url}/`))).toEqual([])
        expect((await loginCookies(page)).session).toEqual([])
      })

      it.each(['usual', 'careless', 'hostless', 'trusting'])(
        'as a client spoofs X-Forwarded fields: they change nothing (%s)',
        async (stand) => {
          const url = await begin(stand)
          await page.setExtraHTTPHeaders(lies)
          const sent = watch()
          await world.signIn(page, `${url}/account`)
          const origins = new Set(sent.map((address) => new URL(address).origin))
          expect(origins).toEqual(new Set([url, world.server.url]))
          expect((await loginCookies(page)).session).toEqual([
            expect.objectContaining({ name: expect.stringMatching(/^__Host-/), secure: true }),
          ])
        },
      )

      it('as a client spoofs a host to an application that believes it: nobody is sent there', async () => {
        const url = await begin('deceived')
        await page.setExtraHTTPHeaders(lies)
        const sent = watch()
        for (const path of ['/login', '/account', '/callback?state=x', '/logout']) {
          const answer = await page.goto(url + path)
          expect([path, answer?.status()]).toEqual([path, 400])
          expect(await page.content()).not.toContain('evil')
        }
        expect(sent).toEqual([])
        expect(await loginCookies(page)).toEqual({ session: [], attempts: [], marks: [] })
        await page.setExtraHTTPHeaders({
          'x-forwarded-host': new URL(url).host,
          'x-forwarded-proto': 'https',
        })
        await page.goto(`${url}/account`)
        await typeIn(page, 'alice')
        await page.waitForURL(`${url}/account`)
      })
    })
  },
)
