import { Outage } from '../errors/outage.ts'
import { Refusal } from '../errors/refusal.ts'
import type { HeaderField, Reply } from '../http/reply.ts'
import type { HttpRequest } from '../http/request.ts'
import { appendTo } from './address.ts'
import { report } from './observe.ts'
import { errorPage, withPrivacyFields } from './pages.ts'
import type { LoginParts, Site } from './site.ts'

/** What is known about a failure beside the error. */
export interface Failed {
  /** Where the login was to lead. */
  readonly returnTo?: string
  /** To be sent with the page, whoever makes it. */
  readonly headers?: readonly HeaderField[]
  /** Whether it was a logout. */
  readonly leaving?: boolean
}

/** The page for what went wrong; errors of the application go their own way. */
export async function failed(
  parts: LoginParts,
  request: HttpRequest,
  error: unknown,
  { returnTo, headers = [], leaving = false }: Failed = {},
): Promise<Reply> {
  tellFailure(parts, request, error)
  const own = await parts.options.onError?.(error, request)
  const reply =
    own ?? errorPage(error, wayOn(parts, request, { error, returnTo, leaving }), leaving)
  return { ...reply, headers: [...withPrivacyFields(reply.headers), ...headers] }
}

/** Tells the observer of a failure that is not the application's. */
export function tellFailure(
  { options: { observe } }: LoginParts,
  request: HttpRequest,
  error: unknown,
): void {
  if (Refusal.is(error)) report(observe, { type: 'refused', refusal: error, request })
  else if (Outage.is(error)) report(observe, { type: 'outage', outage: error, request })
}

const stillSignedIn = new Set(['logout_refused', 'cross_site'])

interface Way {
  readonly error: unknown
  readonly returnTo: string | undefined
  readonly leaving: boolean
}

function wayOn(
  { siteOf }: LoginParts,
  request: HttpRequest,
  { error, returnTo, leaving }: Way,
): string {
  const site = siteFor(siteOf, request)
  if (site === undefined) return '/'
  const { base, paths } = site
  if (leaving || (Refusal.is(error) && stillSignedIn.has(error.code))) return `${base.url}/`
  return appendTo(base.origin + paths.login, { return_to: returnTo })
}

// Under an unknown host there is a page too, but nobody knows a way on from it.
function siteFor(siteOf: LoginParts['siteOf'], request: HttpRequest): Site | undefined {
  try {
    return siteOf(request)
  } catch (error) {
    if (Refusal.is(error)) return undefined
    throw error
  }
}
