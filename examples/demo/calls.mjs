import { randomUUID } from 'node:crypto'
import { mask } from './tokens.mjs'

/** The routes of both APIs, and who may call them. */
export const routes = [
  { path: '/public', text: 'no guard' },
  { path: '/greeting', text: 'guard.optional(): a token may be missing, but not bad' },
  { path: '/orders', text: "hasScope('orders:read')" },
  { path: '/admin', text: "hasScope('admin')" },
]

/** Calls a route over HTTP and sets what the client sees beside what the guard noted. */
export function createCalls({ apis, tokens, journal }) {
  return async ({ api: name, path, kind }) => {
    const api = apis.find((one) => one.name === name)
    if (api === undefined) throw new RangeError(`There is no API '${name}'.`)
    if (!routes.some((route) => route.path === path))
      throw new RangeError(`There is no route '${path}'.`)
    const token = await tokens.of(kind)
    const id = randomUUID()
    const response = await fetch(api.url + path, {
      headers: { 'x-request-id': id, ...(token && { authorization: `Bearer ${token}` }) },
    })
    const body = await response.text()
    return {
      request: {
        line: `GET ${api.url}${path}`,
        authorization: token && `Bearer ${mask(token)}`,
      },
      response: {
        status: response.status,
        statusText: response.statusText,
        challenge: response.headers.get('www-authenticate') ?? undefined,
        type: response.headers.get('content-type') ?? undefined,
        body,
      },
      decision: journal.take(id) ?? { verdict: 'unguarded' },
    }
  }
}
