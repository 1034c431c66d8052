import { expireCookie, readCookie, writeCookie, type CookieAttributes } from '../http/cookies.ts'
import type { HeaderField } from '../http/reply.ts'
import type { HttpRequest } from '../http/request.ts'
import type { Site } from './site.ts'

// Seconds until another visit may try again.
const rest = 3600

/** Added to where a browser goes back to that keeps no cookies: it cannot be tried again and again. */
export const silenced = { silent_login: '0' } as const

/** Whether an attempt without a page was made lately, or is of no use. */
export const hasTried = (site: Site, request: HttpRequest): boolean =>
  readCookie(request.header('cookie') ?? '', nameOf(site)) !== undefined

/** Whether it was found that the browser keeps no cookies. */
export const isSilenced = (url: URL): boolean =>
  url.searchParams.get('silent_login') === silenced.silent_login

/** Noted when the attempt begins, so that no failure on the way can make it a loop. */
export const noteAttempt = (site: Site): HeaderField =>
  writeCookie(nameOf(site), '1', { ...attributesOf(site), maxAge: rest })

/** After a login the next visit may try again. */
export const forgetAttempt = (site: Site, cookies: string): readonly HeaderField[] =>
  readCookie(cookies, nameOf(site)) === undefined
    ? []
    : [expireCookie(nameOf(site), attributesOf(site))]

const nameOf = ({ base, cookieName }: Site): string =>
  `${base.secure ? '__Secure-' : ''}${cookieName}-tried`

const attributesOf = ({ base }: Site): CookieAttributes => ({
  path: `${base.path}/`,
  secure: base.secure,
  sameSite: 'Lax',
})
