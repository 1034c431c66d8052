import type { Outage } from '../errors/outage.ts'
import type { Refusal } from '../errors/refusal.ts'
import type { HttpRequest } from '../http/request.ts'
import { tell } from '../lib/tell.ts'

/**
 * What happened to a login or a session. Nothing in it is secret: the address of `request` comes without
 * its query, where codes and tokens stand.
 */
export type LoginEvent =
  | {
      readonly type: 'signed-in' | 'signed-out'
      readonly subject: string | undefined
      readonly request: HttpRequest
    }
  | { readonly type: 'refreshed'; readonly subject: string | undefined }
  | {
      readonly type: 'ended-elsewhere'
      readonly subject: string | undefined
      readonly sid: string | undefined
    }
  | { readonly type: 'refused'; readonly refusal: Refusal; readonly request: HttpRequest }
  | { readonly type: 'outage'; readonly outage: Outage; readonly request: HttpRequest | undefined }
  /** The session cookie has grown past 4, 8 or 16 kB: proxies and servers refuse such requests. */
  | { readonly type: 'large-cookie'; readonly bytes: number }

/** Sees what happens. What it throws is ignored, because it has no say. */
export type LoginObserver = (event: LoginEvent) => void

const bare = (request: HttpRequest): HttpRequest => ({
  method: request.method,
  url: request.url.replace(/[?#].*/s, ''),
  header: (name) => request.header(name),
  form: () => Promise.resolve(new URLSearchParams()),
})

/** Tells the observer. */
export function report(observe: LoginObserver | undefined, event: LoginEvent): void {
  if (observe === undefined) return
  tell(
    observe,
    'request' in event && event.request ? { ...event, request: bare(event.request) } : event,
  )
}
