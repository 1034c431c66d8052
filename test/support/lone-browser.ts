import type { Handler, HeaderField, HttpRequest } from '@portcullis/core'
import { createCookieJar } from '../../packages/testkit/src/cookie-jar.ts'

/** Where a browser has come to rest, and how it got there. */
export interface Seen {
  readonly url: string
  readonly status: number
  readonly headers: readonly HeaderField[]
  readonly body: string
  /** Every answer on the way, the last one included. */
  readonly hops: readonly Hop[]
}

/** One answer. */
export interface Hop {
  readonly url: string
  /** Whether the application under test gave it. */
  readonly ours: boolean
  readonly status: number
  readonly headers: readonly HeaderField[]
  readonly body: string
}

/** What to send beside the address. */
export interface Sending {
  readonly form?: Readonly<Record<string, string>> | URLSearchParams
  readonly headers?: Readonly<Record<string, string>>
  /** Comes to rest before it would go to an address that begins so. */
  readonly until?: string
}

/**
 * A browser whose application is a handler in this process, under whatever address it likes, https
 * included; everything else is asked for over the network.
 */
export interface LoneBrowser {
  readonly open: (url: string, sending?: Sending) => Promise<Seen>
  /** The cookies that it would send to an address. */
  readonly cookiesFor: (url: string) => string
}

const mostHops = 12

export function createLoneBrowser(base: string, handler: Handler): LoneBrowser {
  const jar = createCookieJar()
  const { origin } = new URL(base)

  const ask = async (url: string, { form, headers = {} }: Sending): Promise<Hop> => {
    const target = new URL(url)
    // What stands behind # never leaves a browser.
    target.hash = ''
    const method = form === undefined ? 'GET' : 'POST'
    if (target.origin !== origin) return elsewhere(url, method, form)
    const cookie = jar.headerFor(target)
    const fields: Readonly<Record<string, string | undefined>> = {
      accept: 'text/html',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
      'sec-fetch-site': 'none',
      cookie: cookie === '' ? undefined : cookie,
      ...headers,
    }
    const reply = await handler(requestOf(target.href, method, fields, form))
    const { status, headers: sent, body = '' } = reply ?? { status: 404, headers: [] }
    jar.keep(target, valuesOf(sent, 'set-cookie'))
    return { url, ours: true, status, headers: sent, body }
  }

  const go = async (url: string, sending: Sending, hops: readonly Hop[]): Promise<Seen> => {
    if (hops.length >= mostHops) throw new Error(`more than ${mostHops} hops, the last to ${url}`)
    const hop = await ask(url, sending)
    const all = [...hops, hop]
    const { until } = sending
    const [location] = valuesOf(hop.headers, 'location')
    const next =
      location === undefined
        ? selfSubmitted(hop)
        : { url: new URL(location, url).href, form: undefined }
    if (next === undefined || (until !== undefined && next.url.startsWith(until))) {
      return { ...hop, hops: all }
    }
    const { form } = next
    return go(next.url, { ...(form && { form }), ...(until !== undefined && { until }) }, all)
  }
  return {
    open: (url, sending = {}) => go(new URL(url, base).href, sending, []),
    cookiesFor: (url) => jar.headerFor(new URL(url, base)),
  }
}

/** The values of a field. */
export const valuesOf = (headers: readonly HeaderField[], name: string): readonly string[] =>
  headers.filter(([one]) => one.toLowerCase() === name).map(([, value]) => value)

async function elsewhere(url: string, method: string, form: Sending['form']): Promise<Hop> {
  // Issuers are on loopback; whoever leads a browser elsewhere has gone wrong.
  if (new URL(url).hostname !== '127.0.0.1') throw new Error(`the browser was sent to ${url}`)
  const body = form === undefined ? null : new URLSearchParams(form)
  const response = await fetch(url, { method, body, redirect: 'manual' })
  const headers = [...response.headers]
  return { url, ours: false, status: response.status, headers, body: await response.text() }
}

const requestOf = (
  url: string,
  method: string,
  fields: Readonly<Record<string, string | undefined>>,
  form: Sending['form'],
): HttpRequest => ({
  method,
  url,
  header: (name) => fields[name],
  form: () => Promise.resolve(new URLSearchParams(form)),
})

interface Submitted {
  readonly url: string
  readonly form: URLSearchParams
}

// A page of the issuer that sends its form by itself.
function selfSubmitted({ body, url, ours }: Hop): Submitted | undefined {
  const action = /<form method="post" action="([^"]*)"/.exec(body)?.[1]
  if (ours || action === undefined || !body.includes('submit()')) return undefined
  return { url: new URL(plain(action), url).href, form: formIn(body) }
}

/** What the form on a page would send. */
export function formIn(page: string): URLSearchParams {
  const inputs = [...page.matchAll(/name="([^"]*)" value="([^"]*)"/g)].map(
    ([, name = '', value = '']): [string, string] => [plain(name), plain(value)],
  )
  return new URLSearchParams(inputs)
}

const plain = (text: string): string =>
  text.replace(/&#(\d+);/g, (_all, code) => String.fromCharCode(Number(code)))
