import { oauthMetadata, openidConfiguration } from './metadata.ts'
import type { Server } from './servers.ts'
import type { OktaState } from './state.ts'
import { notFound, oktaError, type Answer, type Call, type Route } from './wire.ts'

/** The two documents at their five URLs, and the keys. */
export function discoveryRoutes(state: OktaState): readonly Route[] {
  const custom = '/oauth2/(?<id>(?!v1/)[^/]+)'
  const openid = document(state, openidConfiguration)
  const oauth = document(state, oauthMetadata)
  return [
    documentRoute('/\\.well-known/openid-configuration', openid),
    documentRoute('/\\.well-known/oauth-authorization-server', oauth),
    documentRoute(`${custom}/\\.well-known/openid-configuration`, openid),
    documentRoute(`${custom}/\\.well-known/oauth-authorization-server`, oauth),
    documentRoute(`/\\.well-known/oauth-authorization-server${custom}`, oauth),
  ]
}

const documentRoute = (path: string, answer: Route['answer']): Route => ({
  method: 'GET',
  path: new RegExp(`^${path}$`),
  endpoint: 'discovery',
  answer,
  isLimited: false,
  hasCors: true,
})

const day = 86_400

const document =
  (state: OktaState, write: (state: OktaState, server: Server) => object) =>
  (call: Call): Answer => {
    checkClient(state, call)
    const server = serverOf(state, call.path['id'])
    return cached(state, day, { ...write(state, server), ...state.settings.metadata(server) })
  }

/** The server that a path names, if it is one and switched on. */
export function serverOf(state: OktaState, id: string | undefined): Server {
  const server = id === undefined ? state.org : state.servers.get(id)
  if (server?.status === 'ACTIVE') return server
  throw notFound(id ?? 'org', 'AuthorizationServer')
}

/** `GET /v1/keys`. */
export async function keys(state: OktaState, server: Server, call: Call): Promise<Answer> {
  if (server.isOrg) checkClient(state, call)
  const maxAge = await server.ring.settle()
  return cached(state, maxAge, { keys: await server.ring.published() })
}

function checkClient({ apps }: OktaState, { url }: Call): void {
  const clientId = url.searchParams.get('client_id')
  if (clientId === null || apps.has(clientId)) return
  throw oktaError(400, 'invalid_client', "Invalid value for 'client_id' parameter.")
}

const cached = (state: OktaState, maxAge: number, body: object): Answer => ({
  status: 200,
  headers: {
    'Cache-Control': `max-age=${maxAge}, must-revalidate`,
    Expires: new Date(state.now() + maxAge * 1000).toUTCString(),
  },
  body,
})
