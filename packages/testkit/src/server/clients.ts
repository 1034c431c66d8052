import type { ClientMetadata, Settings } from './options.ts'

const code = ['authorization_code', 'refresh_token']
const secret = (client_id: string) => ({ client_id, client_secret: `${client_id}-secret` })

/** One client of each kind, so that most tests need none of their own. */
const defaultClients: readonly ClientMetadata[] = [
  { ...secret('web'), client_name: 'A web application', grant_types: code },
  {
    client_id: 'spa',
    client_name: 'An application without a secret',
    token_endpoint_auth_method: 'none',
    grant_types: code,
  },
  { ...secret('machine'), grant_types: ['client_credentials'], response_types: [] },
  {
    client_id: 'device',
    token_endpoint_auth_method: 'none',
    grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
    response_types: [],
  },
  {
    ...secret('ciba'),
    grant_types: ['urn:openid:params:grant-type:ciba', 'refresh_token'],
    response_types: [],
    backchannel_token_delivery_mode: 'poll',
  },
  {
    ...secret('hybrid'),
    // Plain HTTP on the loopback interface is for native applications.
    application_type: 'native',
    grant_types: [...code, 'implicit'],
    response_types: ['code', 'id_token', 'id_token token', 'code id_token', 'code token'],
  },
  // An API that introspects the tokens it is shown.
  { ...secret('api'), grant_types: [], response_types: [] },
]

const anyLoopback = 'http://127.0.0.1/'

/** The registered clients by their id; the application's own win. */
export function clientsOf({ clients = [] }: Settings): ReadonlyMap<string, ClientMetadata> {
  return new Map([...defaultClients, ...clients].map((client) => [client.client_id, client]))
}

/** The metadata as oidc-provider wants it: somebody who may redirect needs a URL to begin with. */
export function registered(
  client: ClientMetadata,
): Record<string, unknown> & { client_id: string } {
  const { redirect_uris, response_types = ['code'] } = client
  const uris = redirect_uris ?? (response_types.length > 0 ? [anyLoopback] : [])
  return { ...client, response_types, redirect_uris: uris }
}

/** Whether a client that named no URLs of its own may be sent to this one. */
export const mayRedirect = (uri: string, registeredUris: readonly string[] | undefined): boolean =>
  registeredUris?.[0] === anyLoopback && /^http:\/\/(127\.0\.0\.1|localhost|\[::1\])[:/]/.test(uri)
