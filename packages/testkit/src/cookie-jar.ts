/** Cookies as a browser keeps them: by host name (not port), path and name. */
export interface CookieJar {
  readonly keep: (url: URL, fields: readonly string[]) => void
  readonly headerFor: (url: URL) => string
}

interface Cookie {
  readonly name: string
  readonly value: string
  readonly host: string
  readonly path: string
}

export function createCookieJar(): CookieJar {
  const cookies = new Map<string, Cookie>()
  return {
    keep: (url, fields) => {
      for (const field of fields) {
        const { cookie, gone } = parse(url, field)
        const key = [cookie.host, cookie.path, cookie.name].join(' ')
        if (gone) cookies.delete(key)
        else cookies.set(key, cookie)
      }
    },
    headerFor: ({ hostname, pathname }) =>
      [...cookies.values()]
        .filter(({ host, path }) => host === hostname && within(pathname, path))
        .map(({ name, value }) => `${name}=${value}`)
        .join('; '),
  }
}

function parse(url: URL, field: string): { readonly cookie: Cookie; readonly gone: boolean } {
  const [pair = '', ...attributes] = field.split(';').map((part) => part.trim())
  const of = new Map(attributes.map((attribute) => split(attribute, (name) => name.toLowerCase())))
  const [name, value] = split(pair, (text) => text)
  const expires = of.get('expires')
  const gone =
    of.get('max-age') === '0' || (expires !== undefined && Date.parse(expires) <= Date.now())
  const given = of.get('path')
  // RFC 6265 §5.1.4: without a path, the folder of the URL.
  const path = given?.startsWith('/') ? given : url.pathname.replace(/\/[^/]*$/, '') || '/'
  return { cookie: { name, value, host: url.hostname, path }, gone }
}

function split(text: string, named: (name: string) => string): readonly [string, string] {
  const at = text.indexOf('=')
  return at === -1 ? [named(text), ''] : [named(text.slice(0, at)), text.slice(at + 1)]
}

const within = (pathname: string, path: string): boolean =>
  pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`)
