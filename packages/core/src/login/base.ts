import { ConfigurationError } from '../errors/configuration.ts'
import { refuse } from '../errors/refusal.ts'
import { shown } from '../http/challenge.ts'
import type { HttpRequest } from '../http/request.ts'
import { insecurity } from '../issuer/url.ts'

/** Where an application is, as browsers see it. */
export interface Base {
  /** Without a slash at the end. */
  readonly url: string
  readonly origin: string
  /** `''`, or a path without a slash at the end. */
  readonly path: string
  readonly secure: boolean
}

/** Reads the base URLs of a login. */
export function readBases(given: string | readonly string[], insecure: boolean): readonly Base[] {
  const bases = [given].flat().map((url) => readBase(url, insecure))
  if (bases.length > 0) return bases
  throw new ConfigurationError('login.baseUrl must not be empty')
}

function readBase(given: string, insecure: boolean): Base {
  // What has no `//` is a host with a port, which URL takes for a scheme.
  if (typeof given !== 'string' || !URL.canParse(given) || !given.includes('://')) {
    throw new ConfigurationError(
      'login.baseUrl must be an absolute URL, such as https://app.example.com',
    )
  }
  const { origin, pathname, search, hash, username, password, protocol } = new URL(given)
  if (search + hash + username + password !== '') {
    throw new ConfigurationError(
      'login.baseUrl must be an origin, and perhaps a path, and nothing else',
    )
  }
  const wrong = insecurity(new URL(given), insecure)
  if (wrong !== undefined) {
    throw new ConfigurationError(
      `login.baseUrl ${wrong.replace('allowInsecureIssuer', 'allowInsecureBaseUrl')}`,
    )
  }
  const path = pathname.replace(/\/+$/, '')
  // It stands in cookies, and at the front of addresses.
  if (!/^(?:\/[\w\-.~%]+)*$/.test(path)) {
    throw new ConfigurationError('login.baseUrl must have a plain path, such as /app')
  }
  return { url: origin + path, origin, path, secure: protocol === 'https:' }
}

/** Tells under which of its base URLs an application is asked. The `Host` field is never believed beyond the list. */
export type ChooseBase = (request: HttpRequest) => Base

/**
 * Makes the choice; where there is only one there is nothing to choose. `stripped` says that a proxy has
 * taken the paths away, so that only the host can tell.
 */
export function baseChoice(bases: readonly Base[], stripped = false): ChooseBase {
  const [first] = bases
  if (first !== undefined && bases.length === 1) return () => first
  checkDistinct(bases, stripped)
  // The longest path first, where several applications share a host.
  const sorted = bases.toSorted((a, b) => b.path.length - a.path.length)
  return (request) => {
    const { origin, host, pathname } = new URL(request.url)
    const fitting = sorted.filter(({ path }) => stripped || isWithin(pathname, path))
    // By its host alone too: behind a proxy that ends TLS everything seems to come over http.
    const found =
      fitting.find((base) => base.origin === origin) ??
      fitting.find((base) => new URL(base.origin).host === host)
    if (found !== undefined) return found
    throw refuse('login_host_unknown', `${shown(origin)} is none of the base URLs of the login.`, {
      trail: { check: 'host', presented: shown(origin) },
    })
  }
}

function checkDistinct(bases: readonly Base[], stripped: boolean): void {
  const names = bases.map(({ url, origin }) => (stripped ? origin : url))
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice === undefined) return
  throw new ConfigurationError(
    `login.baseUrl holds ${twice} twice${stripped ? ', and with strippedPath only the host can tell' : ''}`,
  )
}

const isWithin = (pathname: string, path: string): boolean =>
  pathname === path || pathname.startsWith(`${path}/`)
