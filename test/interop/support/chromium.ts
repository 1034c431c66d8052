import { chromium, type Browser, type Cookie, type Page } from 'playwright-core'

const quiet = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Starts a browser that talks to nobody by itself. */
export const launch = (executablePath: string, more: readonly string[] = []): Promise<Browser> =>
  chromium.launch({ executablePath, args: [...quiet, ...more] })

/** For names under `.test`, whose certificates come from the suite's own authority. */
export const trusting = (spki: string): readonly string[] => [
  '--host-resolver-rules=MAP *.test 127.0.0.1',
  `--ignore-certificate-errors-spki-list=${spki}`,
]

/** Types a name and a password into the issuer's page. */
export async function typeIn(page: Page, user: string): Promise<void> {
  await page.getByLabel('User name').fill(user)
  await page.getByLabel('Password').fill('password')
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** Cookies of a login that the browser holds, by what they are for. */
export interface LoginCookies {
  readonly session: readonly Cookie[]
  readonly attempts: readonly Cookie[]
  readonly marks: readonly Cookie[]
}

/** The browser's own view of what it was told to keep. */
export async function loginCookies(page: Page): Promise<LoginCookies> {
  const cookies = (await page.context().cookies()).filter(({ name }) => /portcullis-/.test(name))
  return {
    session: cookies.filter(({ name }) => /portcullis-[a-zA-Z\d]+(?:\.\d+|-\d+)?$/.test(name)),
    attempts: cookies.filter(({ name }) => name.includes('-login-')),
    marks: cookies.filter(({ name }) => name.includes('-attempt-')),
  }
}
