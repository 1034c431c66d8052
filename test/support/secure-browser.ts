import { visit } from '../../packages/testkit/src/visit.ts'
import { createCookieJar } from '../../packages/testkit/src/cookie-jar.ts'

/** What a browser was answered. */
export interface Answer {
  readonly url: string
  readonly status: number
  readonly location: string | undefined
  readonly cookies: readonly string[]
  readonly html: string
}

/** A form that a page sends by itself. */
export interface PostedAnswer {
  readonly action: string
  readonly form: URLSearchParams
}

/**
 * A browser that takes an application on plain http for one on https, as behind a proxy that ends TLS:
 * what is at `home` is asked of `served`.
 */
export interface SecureBrowser {
  readonly send: (url: string, form?: URLSearchParams) => Promise<Answer>
  /** Follows redirects, until a page is shown or a page of the issuer wants to post a form. */
  readonly open: (url: string) => Promise<Answer | PostedAnswer>
}

export function createSecureBrowser(home: string, served: string): SecureBrowser {
  const jar = createCookieJar()
  const send: SecureBrowser['send'] = async (url, form) => {
    const target = new URL(url)
    const isOurs = target.origin === home
    const asked = isOurs ? new URL(target.pathname + target.search, served) : target
    const headers = new Headers({ host: target.host })
    const cookies = jar.headerFor(target)
    if (cookies !== '') headers.set('cookie', cookies)
    if (form !== undefined) headers.set('origin', isOurs ? 'https://id.test' : target.origin)
    const response = await visit(asked, { headers, ...(form && { body: form }) })
    const kept = response.headers.getSetCookie()
    jar.keep(target, kept)
    const location = response.headers.get('location')
    return {
      url,
      status: response.status,
      location: location === null ? undefined : new URL(location, target).href,
      cookies: kept,
      html: await response.text(),
    }
  }
  const open = async (url: string, hops = 0): Promise<Answer | PostedAnswer> => {
    if (hops > 12) throw new Error(`more than 12 hops, the last to ${url}`)
    const answer = await send(url)
    return answer.location === undefined
      ? (postedBy(answer) ?? answer)
      : open(answer.location, hops + 1)
  }
  return { send, open: (url) => open(url) }
}

function postedBy({ html }: Answer): PostedAnswer | undefined {
  const action = /<form[^>]*method="post"[^>]*action="([^"]*)"/.exec(html)?.[1]
  if (action === undefined || !html.includes('submit()')) return undefined
  const inputs = [...html.matchAll(/name="([^"]*)" value="([^"]*)"/g)].map(
    ([, name = '', value = '']): [string, string] => [name, plain(value)],
  )
  return { action: plain(action), form: new URLSearchParams(inputs) }
}

const plain = (text: string): string =>
  text
    .replace(/&#(\d+);/g, (_all, code) => String.fromCodePoint(Number(code)))
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
