import { createCookieJar, type CookieJar } from './cookie-jar.ts'
import { visit, type Visit } from './visit.ts'

/** Where a browser has arrived. */
export interface Page {
  readonly url: string
  readonly status: number
  readonly html: string
}

/** Enough of a browser for a login: cookies, redirects, forms, and pages that submit themselves. */
export interface Browser {
  /** Goes to a URL and on until a page is shown, or until a URL begins with `until`, which is not asked for. */
  readonly open: (url: string, options?: { readonly until?: string }) => Promise<Page>
  /** Fills the first form of a page and sends it; goes on like `open`. */
  readonly submit: (
    page: Page,
    fields?: Readonly<Record<string, string>>,
    options?: { readonly until?: string },
  ) => Promise<Page>
  /** Sends one request with the browser's cookies, follows nothing, and keeps the cookies of the answer. */
  readonly send: (url: string, sent?: Visit) => Promise<Response>
  /** The `Cookie` field that would go to a URL. */
  readonly cookiesFor: (url: string) => string
}

interface Step {
  readonly url: string
  readonly form?: URLSearchParams
}

/** Makes a browser without any cookies. */
export function createBrowser(): Browser {
  const jar = createCookieJar()
  return {
    open: (url, { until } = {}) => go(jar, { url }, until),
    submit: (page, fields = {}, { until } = {}) => {
      const step = formOf(page, fields)
      if (step === undefined) throw new Error(`there is no form on ${page.url}:\n${page.html}`)
      return go(jar, step, until)
    },
    send: async (url, sent = {}) => {
      const target = new URL(url)
      const headers = new Headers(sent.headers)
      const cookies = jar.headerFor(target)
      if (cookies !== '') headers.set('Cookie', cookies)
      const response = await visit(target, { ...sent, headers })
      jar.keep(target, response.headers.getSetCookie())
      return response
    },
    cookiesFor: (url) => jar.headerFor(new URL(url)),
  }
}

async function go(jar: CookieJar, step: Step, until: string | undefined, hops = 0): Promise<Page> {
  const { url, form } = step
  if (hops > 20) throw new Error(`more than 20 redirects, the last one to ${url}`)
  if (hops > 0 && until !== undefined && url.startsWith(until)) return { url, status: 0, html: '' }
  const page = await load(jar, url, form)
  const next = page.location ? { url: new URL(page.location, url).href } : selfSubmitted(page)
  return next === undefined ? page : go(jar, next, until, hops + 1)
}

async function load(
  jar: CookieJar,
  url: string,
  form: URLSearchParams | undefined,
): Promise<Page & { readonly location: string | null }> {
  const target = new URL(url)
  const headers = { Cookie: jar.headerFor(target) }
  const response = await visit(target, { headers, ...(form && { body: form }) })
  jar.keep(target, response.headers.getSetCookie())
  const html = await response.text()
  return { url, status: response.status, html, location: response.headers.get('location') }
}

// What a page with a script would do by itself: form_post answers, and the logout without a person.
const selfSubmitted = (page: Page): Step | undefined =>
  /<script>[^<]*\.(submit|click)\(\)/.test(page.html) ? formOf(page, { logout: 'yes' }) : undefined

function formOf(page: Page, fields: Readonly<Record<string, string>>): Step | undefined {
  const form = /<form\b[^>]*>/.exec(page.html)?.[0]
  if (form === undefined) return undefined
  const action = new URL(attribute(form, 'action') ?? '', page.url)
  const values = new URLSearchParams()
  for (const [input] of page.html.matchAll(/<input\b[^>]*>/g)) {
    const name = attribute(input, 'name')
    if (name !== undefined) values.set(name, attribute(input, 'value') ?? '')
  }
  for (const [name, value] of Object.entries(fields)) values.set(name, value)
  return { url: action.href, form: values }
}

const attribute = (tag: string, name: string): string | undefined =>
  new RegExp(`\\b${name}="([^"]*)"`)
    .exec(tag)?.[1]
    ?.replace(/&#(\d+);|&(amp|lt|gt|quot);/g, character)

const entities = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
])

const character = (_: string, code: string | undefined, name: string | undefined): string =>
  code === undefined ? (entities.get(name ?? '') ?? '') : String.fromCodePoint(Number(code))
