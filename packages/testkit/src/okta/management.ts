import type { Org } from './org.ts'
import type { Server } from './servers.ts'
import { oktaError, notFound, readJson, type Answer, type Call, type Route } from './wire.ts'

/** The few management calls that clients of the OAuth side make, and the way to find an org's issuer. */
export const managementRoutes = (org: Org): readonly Route[] => [
  managed(org, 'GET', '', (server) => ({ status: 200, body: describe(org, server) })),
  managed(org, 'GET', '/credentials/keys', async (server) => ({
    status: 200,
    body: await keysOf(server),
  })),
  managed(org, 'POST', '/credentials/lifecycle/keyRotate', async (server) => {
    await server.rotateKeys()
    return { status: 200, body: await keysOf(server) }
  }),
  {
    method: 'POST',
    path: /^\/oauth2\/v1\/global-token-revocation$/,
    endpoint: 'management',
    answer: (call) => revokeEverything(org, call),
  },
  {
    method: 'GET',
    path: /^\/\.well-known\/webfinger$/,
    endpoint: 'discovery',
    answer: (call) => webfinger(org, call),
    hasCors: true,
  },
]

/** Refuses whoever has no API token. */
function checkApiToken({ settings }: Org, { headers }: Call): void {
  const [scheme, token = ''] = (headers.authorization ?? '').split(' ')
  if (scheme === 'SSWS' && settings.apiTokens.includes(token)) return
  throw oktaError(401, 'E0000011', 'Invalid token provided')
}

const managed = (
  org: Org,
  method: 'GET' | 'POST',
  path: string,
  answer: (server: Server) => Answer | Promise<Answer>,
): Route => ({
  method,
  path: new RegExp(`^/api/v1/authorizationServers/(?<id>[^/]+)${path}$`),
  endpoint: 'management',
  answer: (call) => {
    checkApiToken(org, call)
    const id = call.path['id'] ?? ''
    const server = org.servers.get(id)
    if (server === undefined) throw notFound(id, 'AuthorizationServer')
    return answer(server)
  },
})

function describe({ origin }: Org, { id, name, audience, issuer, status, ring }: Server): object {
  const { first, last, next } = ring.times()
  const href = `${origin}/api/v1/authorizationServers/${id}`
  const link = (path: string, ...allow: readonly string[]) => ({
    href: href + path,
    hints: { allow },
  })
  return {
    id,
    name,
    description: `The authorization server ${name} of the emulated org`,
    audiences: [audience],
    issuer,
    issuerMode: 'ORG_URL',
    status,
    created: iso(first),
    lastUpdated: iso(first),
    credentials: {
      signing: {
        kid: ring.active().kid,
        rotationMode: 'AUTO',
        lastRotated: iso(last),
        nextRotation: iso(next),
        use: 'sig',
      },
    },
    _links: {
      self: link('', 'GET'),
      rotateKey: link('/credentials/lifecycle/keyRotate', 'POST'),
    },
  }
}

const iso = (time: number): string => new Date(time).toISOString()

const keysOf = async ({ ring }: Server): Promise<object> => {
  const published = await ring.published()
  const statuses = new Map(ring.states().map(({ kid, status }) => [kid, status]))
  return published.map((jwk) => ({ ...jwk, status: statuses.get(jwk.kid ?? '') }))
}

function revokeEverything(org: Org, call: Call): Answer {
  checkApiToken(org, call)
  const { id, sub }: Record<string, unknown> = { ...Object(readJson(call)['sub_id']) }
  const person = org.people.find((one) => one.id === id || one.id === sub)
  if (person === undefined) throw notFound(String(id ?? sub), 'User')
  org.sessions.endAll(person)
  org.endTokens(person)
  return { status: 204 }
}

function webfinger(org: Org, { url }: Call): Answer {
  const resource = url.searchParams.get('resource') ?? ''
  if (!resource.startsWith('okta:acct:')) {
    throw oktaError(400, 'E0000001', 'Api validation failed: resource')
  }
  const idp = {
    rel: 'okta:idp',
    href: `${org.origin}/sso/idps/OKTA`,
    titles: { und: 'example' },
    properties: { 'okta:idp:type': 'OKTA', 'okta:idp:id': org.orgId },
  }
  const issuer = { rel: 'http://openid.net/specs/connect/1.0/issuer', href: org.origin }
  const links = [idp, issuer].filter(
    ({ rel }) => !url.searchParams.has('rel') || url.searchParams.getAll('rel').includes(rel),
  )
  const headers = { 'Content-Type': 'application/jrd+json' }
  return { status: 200, headers, body: { subject: resource, links } }
}
