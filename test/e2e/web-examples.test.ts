import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { memorySessions, storedSessions } from '@portcullis/core'
import { createAuthorizationServer, createBrowser } from '@portcullis/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApp as createApi } from '../../examples/express-api/app.mjs'
import { freePort } from '../support/free-port.ts'
import { serveLogin, type Served } from '../support/login-apps.ts'
import { webExamples } from '../support/web-examples.ts'

const audience = 'https://api.test'
const secret = 'a secret of at least thirty-two characters'
const alice = { user: 'alice', password: 'password', answer: 'sign-in' }

let server: Awaited<ReturnType<typeof createAuthorizationServer>>
let api: Served
beforeAll(async () => {
  server = await createAuthorizationServer({ signInAs: false })
  api = await serveLogin(() => createApi({ issuer: server.issuer, audience }))
})
afterAll(() => Promise.all([api.close(), server.close()]))

/** Somebody comes, signs in, looks around and leaves. */
async function expectWalk(url: string): Promise<void> {
  const browser = createBrowser()
  const home = await browser.open(url)
  expect(home.html).toContain('<a href="/login?return_to=/account">Sign in</a>')
  const asked = await browser.open(`${url}/orders`)
  expect(asked.url).toContain(server.url)
  const orders = await browser.submit(asked, alice)
  expect(orders.url).toBe(`${url}/orders`)
  expect(orders.html).toContain('The API says 200:')
  expect(orders.html).toContain('{&#34;of&#34;:&#34;alice&#34;')
  const account = await browser.open(`${url}/account`)
  expect(account.html).toContain('You are <strong>Alice</strong>')
  expect((await browser.open(url)).html).toContain('Hello, Alice.')
  const leaving = await browser.submit(account)
  const left = await browser.submit(leaving, { logout: 'yes' })
  expect(left.url).toBe(`${url}/`)
  expect(left.html).toContain('Sign in')
  expect((await browser.open(`${url}/account`)).url).toContain(server.url)
}

describe.each(webExamples)('$name', ({ name, app }) => {
  it('signs somebody in, calls the API for them, and signs them out', async () => {
    const served = await serveLogin((baseUrl) =>
      app({
        issuer: server.issuer,
        client: { id: 'web', secret: 'web-secret' },
        baseUrl,
        sessions: storedSessions(memorySessions(), { secrets: [secret] }),
        parameters: { scope: 'openid profile offline_access orders:read', resource: audience },
        api: api.url,
        audience,
      }),
    )
    await expectWalk(served.url)
    await served.close()
  })

  it('is a program', async () => {
    const main = fileURLToPath(new URL(`../../examples/${name}/main.mjs`, import.meta.url))
    const child = spawn(process.execPath, [main], {
      env: {
        ...process.env,
        ISSUER: server.issuer,
        CLIENT_ID: 'web',
        CLIENT_SECRET: 'web-secret',
        SECRET: secret,
        API: api.url,
        AUDIENCE: audience,
        PORT: String(await freePort()),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      const [line] = await once(child.stdout, 'data', { signal: AbortSignal.timeout(15_000) })
      await expectWalk(String(line).trim())
    } finally {
      child.kill()
      await once(child, 'exit')
    }
  })
})
