import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import express from 'express'
import {
  createLogin,
  memorySessions,
  optionalPrincipal,
  createGuard,
  protect,
  routes,
  storedSessions,
} from '@portcullis/express'
import { createDirectAuthentication, createDirectLogin, okta } from '@portcullis/okta'
import { createOkta, type Okta } from '@portcullis/testkit'
import type { Browser, CDPSession, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { describeWith } from '../support/binaries.ts'
import { serveLogin, type Served } from '../support/login-apps.ts'
import { launch } from './support/chromium.ts'
import { passkeyPage } from './support/passkey-page.ts'

const secrets = ['a secret of the tests, long enough to seal']
const script = fileURLToPath(new URL('../../examples/okta-direct/passkey.js', import.meta.url))
const credential = randomBytes(16)
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const another = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey

// Passkeys belong to names, and the emulated org has none: here its passkeys are those of localhost. The
// old extension goes, because no browser takes it of a page without TLS.
const named: typeof fetch = async (input, init) => {
  const response = await fetch(input, init)
  const text = await response.text()
  const body = text.replace(/"extensions":\{"appid":"[^"]*"\}/, '"rpId":"localhost"')
  return new Response(body, response)
}

describeWith(['chromium'], 'a passkey in a direct login, in Chromium', (executablePath = '') => {
  let org: Okta
  let browser: Browser
  let served: Served
  let page: Page
  let keys: CDPSession
  let url: string
  beforeAll(async () => {
    const id = credential.toString('base64url')
    const credentials = [{ id, publicKey: publicKey.export({ format: 'jwk' }) }]
    org = await createOkta({ users: { dora: { factors: ['webauthn'], credentials } } })
    browser = await launch(executablePath)
  })
  afterAll(async () => {
    await browser?.close()
    await org?.close()
  })

  beforeEach(async () => {
    served = await serveLogin((address) => createApp(address.replace('127.0.0.1', 'localhost')))
    url = served.url.replace('127.0.0.1', 'localhost')
    page = await (await browser.newContext()).newPage()
    keys = await page.context().newCDPSession(page)
    await keys.send('WebAuthn.enable')
  })
  afterEach(async () => {
    await page.context().close()
    await served.close()
    org.app('native').signOn = 'one-factor'
  })

  const createApp = (baseUrl: string) => {
    const server = okta({ domain: org.url, authorizationServer: 'default' })
    const client = { id: org.app('native').clientId }
    const sessions = storedSessions(memorySessions(), { secrets })
    const login = createLogin({ issuer: server.issuer, client, baseUrl, sessions })
    const direct = createDirectAuthentication({
      server,
      client,
      secrets,
      fetch: named,
      factors: ['webauthn'],
    })
    const directLogin = createDirectLogin({ login, direct, baseUrl, page: passkeyPage })
    const site = createGuard({ login })
    const app = express()
    app.use(routes(directLogin), routes(login.handler))
    app.get('/passkey.js', (_req, res) => res.sendFile(script))
    app.get('/', protect(site.optional()), (req, res) => {
      res.send(`<p>${optionalPrincipal(req)?.subject ?? 'nobody'}</p>`)
    })
    return app
  }

  /** Puts a key with the passkey of dora into the computer, or one that signs wrongly. */
  const plugIn = async (key = privateKey): Promise<void> => {
    const { authenticatorId } = await keys.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    })
    await keys.send('WebAuthn.addCredential', {
      authenticatorId,
      credential: {
        credentialId: credential.toString('base64'),
        isResidentCredential: true,
        rpId: 'localhost',
        privateKey: key.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
        userHandle: Buffer.from(org.user('dora').id).toString('base64'),
        signCount: 1,
      },
    })
  }
  const press = (name: string): Promise<void> => page.getByRole('button', { name }).click()
  const who = async (): Promise<string | null> => {
    await page.waitForURL(`${url}/`)
    return page.locator('p').textContent()
  }
  const typePassword = async (): Promise<void> => {
    await page.goto(`${url}/direct`)
    await page.getByLabel('User name').fill('dora@example.com')
    await page.getByLabel('Password').fill('password')
    await press('Sign in')
  }

  it('signs in alone: the key says who it is', async () => {
    await plugIn()
    await page.goto(`${url}/direct`)
    await press('Use a passkey')
    expect(await who()).toBe(org.user('dora').id)
  })

  it('signs in after the password, where the policy wants two factors', async () => {
    org.app('native').signOn = 'two-factors'
    await plugIn()
    await typePassword()
    await page.getByRole('heading', { name: 'mfa_required' }).waitFor()
    await press('Use a passkey')
    expect(await who()).toBe(org.user('dora').id)
  })

  it('signs nobody in whose key is another', async () => {
    await plugIn(another)
    await page.goto(`${url}/direct`)
    await press('Use a passkey')
    expect(await page.getByRole('alert').textContent()).toBe('assertion_wrong')
    await page.goto(`${url}/`)
    expect(await who()).toBe('nobody')
  })

  it('challenges nobody at another origin', async () => {
    await plugIn()
    await page.goto(`${served.url}/direct`)
    await press('Use a passkey')
    expect(await page.getByRole('alert').textContent()).toBe('refused 403')
  })
})
