import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { endpointOf, type Endpoint } from './endpoints.ts'
import type { FaultSwitches } from './faults.ts'
import type { Settings } from './options.ts'
import type { RequestCounter } from './requests.ts'

/** What stands before oidc-provider, in the order of asking. */
export interface Front {
  readonly settings: Settings
  readonly requests: RequestCounter
  readonly faults: FaultSwitches
  readonly headers: ReadonlyMap<Endpoint, Readonly<Record<string, string>>>
  readonly interactions: (request: IncomingMessage, response: ServerResponse) => Promise<void>
  readonly endpoints: RequestListener
  readonly errors: unknown[]
}

export function createFront(front: Front): RequestListener {
  return (request, response) => {
    pass(front, request, response).catch((error: unknown) => {
      front.errors.push(error)
      response.destroy()
    })
  }
}

async function pass(
  front: Front,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { settings, requests, faults, headers, interactions, endpoints } = front
  const url = withoutPath(request.url ?? '/', settings.path)
  const endpoint = url === undefined ? 'other' : endpointOf(url.replace(/\?.*/s, ''))
  requests.add(endpoint)
  if (!(await faults.meet(endpoint, request, response))) return
  if (await settings.routes?.(request, response)) return
  if (url === undefined) {
    response.writeHead(404).end()
    return
  }
  for (const [name, value] of Object.entries(headers.get(endpoint) ?? {})) {
    response.setHeader(name, value)
  }
  if (endpoint === 'interaction') return interactions(request, response)
  // As Express does for a mounted application: oidc-provider derives its own URLs from the two.
  Object.assign(request, { originalUrl: `${settings.path}${url}`, url })
  endpoints(request, response)
}

/** The part of the URL below the issuer's path; RFC 8414 §3.1 puts the well-known part first. */
function withoutPath(url: string, path: string): string | undefined {
  if (path === '') return url
  const inserted =
    /^\/\.well-known\/(openid-configuration|oauth-authorization-server)(\/[^?]*)$/.exec(url)
  if (inserted?.[2] === path) return `/.well-known/${inserted[1]}`
  return url.startsWith(`${path}/`) ? url.slice(path.length) : undefined
}
