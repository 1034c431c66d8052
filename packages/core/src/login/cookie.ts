import { ConfigurationError } from '../errors/configuration.ts'
import type { SessionCookieOptions } from '../session/settings.ts'
import type { Base } from './base.ts'

/** Browsers drop a cookie that cannot be theirs without a word, and the login would go round in circles. */
export function checkCookie(
  { sameSite, domain, path = '/' }: SessionCookieOptions,
  bases: readonly Base[],
): void {
  for (const { url, secure, ...base } of bases) {
    if (sameSite === 'None' && !secure) {
      throw new ConfigurationError(
        `sessions.cookie.sameSite None needs an https baseUrl: browsers drop such a cookie where it is not Secure, as at ${url}`,
      )
    }
    const { hostname } = new URL(base.origin)
    if (domain !== undefined && hostname !== domain && !hostname.endsWith(`.${domain}`)) {
      throw new ConfigurationError(`sessions.cookie.domain ${domain} does not hold ${hostname}`)
    }
    if (!`${base.path}/`.startsWith(path.endsWith('/') ? path : `${path}/`)) {
      throw new ConfigurationError(
        `sessions.cookie.path ${path} does not hold the path of the base URL ${url}`,
      )
    }
  }
}
