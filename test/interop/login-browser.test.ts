import { memorySessions, storedSessions, type LoginOptions } from '@portcullis/core'
import { createAuthorizationServer, type AuthorizationServer } from '@portcullis/testkit'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createApp as createApi } from '../../examples/express-api/app.mjs'
import { describeWith } from '../support/binaries.ts'
import { serveLogin, type Served } from '../support/login-apps.ts'
import { webExamples } from '../support/web-examples.ts'
import { launch, loginCookies, typeIn } from './support/chromium.ts'

const audience = 'https://api.test'
const secrets = ['a secret of at least thirty-two characters']

describeWith(['chromium'], 'a login in Chromium', (executablePath = '') => {
  let server: AuthorizationServer
  let api: Served
  let browser: Browser
  beforeAll(async () => {
    server = await createAuthorizationServer({ signInAs: false })
    api = await serveLogin(() => createApi({ issuer: server.issuer, audience }))
    browser = await launch(executablePath)
  })
  afterAll(async () => {
    await browser?.close()
    await Promise.all([api.close(), server.close()])
  })

  describe.each(webExamples)('of $name', ({ app }) => {
    let served: Served
    let page: Page
    const begin = async (more: Partial<LoginOptions> = {}): Promise<void> => {
      served = await serveLogin((baseUrl) =>
        app({
          issuer: server.issuer,
          client: { id: 'web', secret: 'web-secret' },
          baseUrl,
          sessions: storedSessions(memorySessions(), { secrets }),
          parameters: { scope: 'openid profile offline_access orders:read', resource: audience },
          api: api.url,
          audience,
          ...more,
        }),
      )
      const context = await browser.newContext()
      page = await context.newPage()
    }
    afterEach(async () => {
      await page.context().close()
      await served.close()
    })
    const at = (path: string): string => served.url + path
    const signIn = async (path = '/account'): Promise<void> => {
      await page.goto(at(path))
      await typeIn(page, 'alice')
      await page.waitForURL(at(path))
    }
    const heading = (): Promise<string | null> => page.locator('h1').textContent()
    /** The addresses of the application that the browser asks for from now on. */
    const watch = (): string[] => {
      const asked: string[] = []
      page.on('request', (request) => {
        if (request.url().startsWith(served.url)) asked.push(request.url())
      })
      return asked
    }

    it('leads from a guarded page over the issuer back to it, and calls the API', async () => {
      await begin()
      await signIn('/orders')
      expect(await page.locator('p').first().textContent()).toContain('The API says 200')
      await page.goto(at('/'))
      expect(await page.locator('p').first().textContent()).toMatch(/Hello, alice/i)
    })

    it('keeps the session where scripts cannot read it', async () => {
      await begin()
      await signIn()
      expect(await page.evaluate('document.cookie')).not.toContain('portcullis')
      const { session } = await loginCookies(page)
      expect(session).toEqual([
        expect.objectContaining({ httpOnly: true, sameSite: 'Lax', path: '/', secure: false }),
      ])
    })

    it('leaves no code and no state in the address, or in the history', async () => {
      await begin()
      await signIn()
      expect(page.url()).toBe(at('/account'))
      await page.goBack()
      expect(page.url()).not.toContain('code=')
    })

    it('finishes in two tabs that began at once', async () => {
      await begin()
      const other = await page.context().newPage()
      await Promise.all([page.goto(at('/account')), other.goto(at('/orders'))])
      await typeIn(other, 'alice')
      await other.waitForURL(at('/orders'))
      await typeIn(page, 'alice')
      await page.waitForURL(at('/account'))
      await other.reload()
      expect(await other.locator('p').first().textContent()).toContain('The API says 200')
    })

    it('survives the back button and the forward button', async () => {
      await begin()
      await page.goto(at('/'))
      await page.getByRole('link', { name: 'Sign in' }).click()
      await typeIn(page, 'alice')
      await page.waitForURL(at('/account'))
      await page.goBack()
      await page.goBack()
      expect(page.url()).toBe(at('/'))
      await page.goto(at('/account'))
      expect(await heading()).toBe('Account')
    })

    it('goes on where a callback is loaded again', async () => {
      await begin()
      const asked = watch()
      await signIn()
      const callback = asked.find((url) => url.startsWith(at('/callback'))) ?? ''
      expect(callback).toContain('code=')
      await page.goto(callback)
      expect(page.url()).toBe(at('/account'))
      expect(await heading()).toBe('Account')
      // Somebody else's browser learns nothing from it, and may sign in by itself.
      const stranger = await browser.newContext()
      const theirs = await stranger.newPage()
      await theirs.goto(callback)
      expect(await theirs.locator('h1').textContent()).toBe('Sign in')
      await stranger.close()
    })

    it('ends with the form of the page, so that a copied cookie is worth nothing', async () => {
      await begin()
      await signIn()
      const { session } = await loginCookies(page)
      expect(session).toHaveLength(1)
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.waitForURL(at('/'))
      expect((await loginCookies(page)).session).toEqual([])
      await page.context().addCookies([...session])
      await page.goto(at('/account'))
      expect(page.url()).toContain(server.url)
      expect(await heading()).toBe('Sign in')
    })

    it('does not end by a page of another origin', async () => {
      await begin()
      await signIn()
      const evil = await serveLogin(() => (_req, res) => {
        res.setHeader('content-type', 'text/html')
        res.end(`<form method="post" action="${at('/logout')}"><button>Win</button></form>
          <img src="${at('/logout')}" alt="">`)
      })
      await page.goto(evil.url)
      const [answer] = await Promise.all([
        page.waitForResponse((response) => response.request().method() === 'POST'),
        page.getByRole('button', { name: 'Win' }).click(),
      ])
      expect(answer.status()).toBe(403)
      await page.goto(at('/account'))
      expect(await heading()).toBe('Account')
      await evil.close()
    })

    it('tells a script that a login is needed, and begins none', async () => {
      await begin()
      await page.goto(at('/'))
      const asked = watch()
      const answer = await page.evaluate(
        `fetch('/account').then(async (r) => [r.status, r.redirected, await r.json()])`,
      )
      const login = `${at('/login')}?return_to=%2Faccount`
      expect(answer).toEqual([401, false, { error: 'login_required', login_url: login }])
      expect(asked).toEqual([at('/account')])
      expect((await loginCookies(page)).attempts).toEqual([])
      await page.goto(login)
      await typeIn(page, 'alice')
      await page.waitForURL(at('/account'))
    })

    describe('attempted silently', () => {
      it('tries once, and goes on without a session', async () => {
        await begin({ attemptSilentLogin: true })
        const asked = watch()
        await page.goto(at('/'))
        expect(page.url()).toBe(at('/'))
        expect(await page.locator('a').textContent()).toBe('Sign in')
        expect(asked.filter((url) => url.startsWith(at('/login')))).toHaveLength(1)
        await page.reload()
        await page.goto(at('/'))
        expect(asked.filter((url) => url.startsWith(at('/login')))).toHaveLength(1)
        await page.getByRole('link', { name: 'Sign in' }).click()
        await typeIn(page, 'alice')
        await page.waitForURL(at('/account'))
      })

      it('uses the session at the issuer, and shows no page', async () => {
        await begin({ attemptSilentLogin: true })
        await signIn()
        await page.context().clearCookies({ name: /portcullis/ })
        const asked = watch()
        await page.goto(at('/'))
        expect(page.url()).toBe(at('/'))
        expect(await page.locator('p').first().textContent()).toMatch(/Hello, alice/i)
        expect(asked.filter((url) => url.startsWith(at('/callback')))).toHaveLength(1)
      })
    })
  })
})
