import type { RequestListener } from 'node:http'
import type { Clock, Okta } from '@portcullis/testkit'
import type { Page } from 'playwright-core'
import { createExpressApp } from '../../../examples/okta-direct/express.mjs'
import { createKoaApp } from '../../../examples/okta-direct/koa.mjs'
import { serveLogin, type Served } from '../../support/login-apps.ts'

interface Settings {
  readonly domain: string
  readonly authorizationServer: string
  readonly client: { readonly id: string }
  readonly baseUrl: string
  readonly secret: string
  readonly now: () => number
}

/** The hosts of the example; its page has no script, so half of the walks are made without. */
export const directHosts: readonly {
  readonly name: string
  readonly javaScriptEnabled: boolean
  readonly app: (given: Settings) => RequestListener
}[] = [
  { name: 'Express', javaScriptEnabled: true, app: (given) => createExpressApp(given) },
  { name: 'Koa', javaScriptEnabled: false, app: (given) => createKoaApp(given).callback() },
]

/** The example of direct login, in front of an emulated org. */
export const serveDirect = (
  app: (given: Settings) => RequestListener,
  { okta, clock }: { readonly okta: Okta; readonly clock: Clock },
): Promise<Served> =>
  serveLogin((baseUrl) =>
    app({
      domain: okta.url,
      authorizationServer: 'default',
      client: { id: okta.app('native').clientId },
      baseUrl,
      secret: 'a secret of the example, long enough to seal',
      now: clock.now,
    }),
  )

const username = 'alice@example.com'

/** What a person does at the pages of the example, and reads there. */
export interface DirectVisitor {
  readonly press: (button: string) => Promise<void>
  /** Hands in a password. Default the right one. */
  readonly type: (password?: string) => Promise<void>
  /** Hands in a code. */
  readonly confirm: (code: string) => Promise<void>
  /** Waits for the page of this title. */
  readonly see: (title: string) => Promise<void>
  readonly alert: () => Promise<string | null>
  /** Goes to the account, and as far as the second factor. */
  readonly begin: () => Promise<void>
}

/** Somebody at the pages of the example. */
export function visit(page: Page, url: string): DirectVisitor {
  const press = (name: string): Promise<void> => page.getByRole('button', { name }).click()
  const type = async (password = 'password'): Promise<void> => {
    await page.getByLabel('User name').fill(username)
    await page.getByLabel('Password').fill(password)
    await press('Sign in')
  }
  const see = (name: string): Promise<void> =>
    page.getByRole('heading', { name, level: 1, exact: true }).waitFor()
  return {
    press,
    type,
    see,
    confirm: async (code) => {
      await page.getByLabel('Code').fill(code)
      await press('Confirm')
    },
    alert: () => page.getByRole('alert').textContent(),
    begin: async () => {
      await page.goto(`${url}/account`)
      await type()
      await see('One more step')
    },
  }
}
