import { memorySessions, storedSessions, type LoginOptions, formPost } from '@portcullis/core'
import { createAuthorizationServer, type AuthorizationServer } from '@portcullis/testkit'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { describeWith } from '../support/binaries.ts'
import type { Served } from '../support/login-apps.ts'
import { webExamples } from '../support/web-examples.ts'
import { makeCertificate, type Certificate } from './support/certificate.ts'
import { launch, loginCookies, trusting, typeIn } from './support/chromium.ts'
import { serveSecurely } from './support/secure-server.ts'

const secrets = ['a secret of at least thirty-two characters']

const ways: readonly (readonly [string, Partial<LoginOptions>])[] = [
  ['a code, by a form', { responseMode: formPost }],
  ['a code and an ID token, by a form', { responseType: 'code id_token' }],
  ['an ID token alone, by a form', { responseType: 'id_token' }],
]

describeWith(
  ['chromium', 'openssl'],
  'an answer that the issuer posts, in Chromium',
  (executablePath = '', openssl = '') => {
    let server: AuthorizationServer
    let certificate: Certificate
    let browser: Browser
    beforeAll(async () => {
      server = await createAuthorizationServer({ signInAs: false })
      certificate = await makeCertificate(openssl, ['app.test'])
      browser = await launch(executablePath, trusting(certificate.spki))
    })
    afterAll(async () => {
      await browser?.close()
      await Promise.all([certificate.close(), server.close()])
    })

    describe.each(webExamples)('of $name', ({ app }) => {
      let served: Served
      let page: Page
      const begin = async (more: Partial<LoginOptions>): Promise<void> => {
        served = await serveSecurely(certificate, 'app.test', (baseUrl) => {
          server.addClient({
            client_id: 'secure',
            client_secret: 'secure-secret',
            grant_types: ['authorization_code', 'refresh_token', 'implicit'],
            response_types: ['code', 'code id_token', 'id_token'],
            redirect_uris: [`${baseUrl}/callback`],
            post_logout_redirect_uris: [`${baseUrl}/`],
          })
          return app({
            issuer: server.issuer,
            client: { id: 'secure', secret: 'secure-secret' },
            baseUrl,
            sessions: storedSessions(memorySessions(), { secrets }),
            api: undefined,
            audience: undefined,
            ...more,
          })
        })
        page = await (await browser.newContext()).newPage()
      }
      afterEach(async () => {
        await page.context().close()
        await served.close()
      })

      it.each(ways)('%s', async (_way, more) => {
        await begin(more)
        await page.goto(`${served.url}/account`)
        const [attempt, ...others] = (await loginCookies(page)).attempts
        // Or the browser would not send it with what another site posts.
        expect(attempt).toMatchObject({
          name: expect.stringMatching(/^__Secure-/),
          path: '/callback',
          sameSite: 'None',
          secure: true,
          httpOnly: true,
        })
        expect(others).toEqual([])
        const posted = page.waitForRequest(
          (request) => request.method() === 'POST' && request.url() === `${served.url}/callback`,
        )
        await typeIn(page, 'alice')
        const { postData } = await posted.then((request) => ({ postData: request.postData() }))
        expect(postData).toContain('state=')
        await page.waitForURL(`${served.url}/account`)
        expect(await page.locator('strong').textContent()).toMatch(/alice/i)
        expect((await loginCookies(page)).session).toEqual([
          expect.objectContaining({
            name: expect.stringMatching(/^__Host-/),
            domain: 'app.test',
            path: '/',
            sameSite: 'Lax',
            secure: true,
            httpOnly: true,
          }),
        ])
        await page.getByRole('button', { name: 'Sign out' }).click()
        await page.getByRole('button', { name: 'Sign out' }).click()
        await page.waitForURL(`${served.url}/`)
        expect((await loginCookies(page)).session).toEqual([])
      })

      it('goes on where the person goes back and the form is posted again', async () => {
        await begin({ responseMode: formPost })
        await page.goto(`${served.url}/account`)
        const posted = page.waitForRequest((request) => request.url().endsWith('/callback'))
        await typeIn(page, 'alice')
        const fields = new URLSearchParams((await posted).postData() ?? '')
        await page.waitForURL(`${served.url}/account`)
        const inputs = [...fields].map(
          ([name, value]) => `<input type="hidden" name="${name}" value="${value}">`,
        )
        await page.goto('about:blank')
        await page.setContent(
          `<form method="post" action="${served.url}/callback">${inputs.join('')}<button>Again</button></form>`,
        )
        await page.getByRole('button', { name: 'Again' }).click()
        await page.waitForURL(`${served.url}/account`)
        expect(await page.locator('h1').textContent()).toBe('Account')
      })

      it('ends the session before, whose cookie the browser does not post along', async () => {
        await begin({ responseMode: formPost })
        await page.goto(`${served.url}/account`)
        await typeIn(page, 'alice')
        await page.waitForURL(`${served.url}/account`)
        const { session } = await loginCookies(page)
        const posted = page.waitForRequest((request) => request.url().endsWith('/callback'))
        await page.goto(`${served.url}/login?return_to=/account`)
        const sent = (await (await posted).allHeaders())['cookie'] ?? ''
        expect(sent).toContain('-attempt-')
        expect(session.map(({ value }) => sent.includes(value))).toEqual([false])
        await page.waitForURL(`${served.url}/account`)
        expect((await loginCookies(page)).session).not.toEqual(session)
        const thief = await browser.newContext()
        await thief.addCookies(session)
        const shown = await thief.newPage()
        await shown.goto(`${served.url}/account`)
        expect(shown.url()).toContain(server.issuer)
        await thief.close()
      })
    })
  },
)
