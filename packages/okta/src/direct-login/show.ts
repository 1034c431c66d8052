import type { HeaderField, HttpRequest, Reply } from '@portcullis/core'
import { wantsJson } from './input.ts'
import type { DirectLoginParts } from './options.ts'
import { plainPage } from './page.ts'
import { styleSource } from './style.ts'
import type { DirectAddresses, DirectView } from './view.ts'

/** What is shown. */
export interface Shown {
  readonly view: DirectView
  readonly returnTo: string | undefined
  readonly headers: readonly HeaderField[]
}

const noStore: HeaderField = ['Cache-Control', 'no-store']

const pageFields: readonly HeaderField[] = [
  ['Content-Type', 'text/html; charset=utf-8'],
  [
    'Content-Security-Policy',
    `default-src 'self'; style-src 'self' ${styleSource}; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
  ],
  ['X-Content-Type-Options', 'nosniff'],
  // Without a referrer browsers send `Origin: null` with the forms.
  ['Referrer-Policy', 'same-origin'],
]

/** Shows it to a person as a page, and to a script as JSON. */
export function show(
  { options, root }: DirectLoginParts,
  request: HttpRequest,
  { view, returnTo, headers }: Shown,
): Reply {
  const { page = plainPage } = options
  const isJson = wantsJson(request)
  return {
    status: statusOf(view),
    headers: [
      noStore,
      ...(isJson ? [['Content-Type', 'application/json'] as const] : pageFields),
      ...waitOf(view),
      ...headers,
    ],
    body: isJson ? JSON.stringify(view) : page(view, addressesOf(root, returnTo)),
  }
}

/** Sends a browser elsewhere. */
export const redirected = (location: string, headers: readonly HeaderField[]): Reply => ({
  status: 303,
  headers: [['Location', location], noStore, ...headers],
})

function statusOf(view: DirectView): number {
  if (view.status !== 'failed') return 200
  return view.retry === 'later' ? 429 : 400
}

const waitOf = (view: DirectView): readonly HeaderField[] =>
  view.status === 'failed' && view.retryAfter !== undefined
    ? [['Retry-After', String(Math.ceil(view.retryAfter))]]
    : []

const addressesOf = (root: string, returnTo: string | undefined): DirectAddresses => ({
  page: root,
  start: `${root}/start`,
  challenge: `${root}/challenge`,
  verify: `${root}/verify`,
  poll: `${root}/poll`,
  resend: `${root}/resend`,
  cancel: `${root}/cancel`,
  returnTo,
})
