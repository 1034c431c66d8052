import type { ClientMetadata } from './options.ts'
import { routes } from './endpoints.ts'

/** What a token is asked for. */
export interface TokenRequest {
  /** Default `machine`. */
  readonly client?: string
  /** One string, the scopes separated by spaces. Default none. */
  readonly scope?: string
  /** The resource indicator; a resource's default audience is the same. Default the server's default resource. */
  readonly resource?: string
  /** Further form parameters. */
  readonly parameters?: Readonly<Record<string, string>>
  /** Further header fields, for example `DPoP`. */
  readonly headers?: Readonly<Record<string, string>>
}

/** The token endpoint's answer, good or bad. */
export interface TokenAnswer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

/** Asks the token endpoint over the socket, as any client would. */
export interface TokenClient {
  /** A genuine access token by way of `client_credentials`. */
  readonly issueToken: (request?: TokenRequest) => Promise<string>
  /** Any request to the token endpoint, authenticated as the given client (default `web`). */
  readonly requestToken: (
    form: Readonly<Record<string, string>>,
    client?: string,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<TokenAnswer>
}

type Clients = ReadonlyMap<string, ClientMetadata>

export function createTokenClient(issuer: string, clients: Clients): TokenClient {
  const requestToken: TokenClient['requestToken'] = async (form, client = 'web', headers = {}) => {
    const identity = identify(clients, client)
    const response = await fetch(`${issuer}${routes.token}`, {
      method: 'POST',
      headers: { ...identity.headers, ...headers },
      body: new URLSearchParams({ ...identity.form, ...form }),
    })
    const body: unknown = await response.json()
    return { status: response.status, body: { ...Object(body) } }
  }
  const issueToken: TokenClient['issueToken'] = async (request = {}) => {
    const { client = 'machine', scope, resource, parameters, headers } = request
    const form = { ...(scope && { scope }), ...(resource && { resource }), ...parameters }
    const grant = { grant_type: 'client_credentials', ...form }
    const { status, body } = await requestToken(grant, client, headers)
    if (typeof body['access_token'] === 'string') return body['access_token']
    throw new Error(`no token for ${client}: ${status} ${JSON.stringify(body)}`)
  }
  return { issueToken, requestToken }
}

interface Identity {
  readonly headers: Readonly<Record<string, string>>
  readonly form: Readonly<Record<string, string>>
}

function identify(clients: Clients, id: string): Identity {
  const client = clients.get(id)
  if (client === undefined)
    throw new Error(`there is no client '${id}', only ${[...clients.keys()].join(', ')}`)
  const { client_secret: secret } = client
  const method = client['token_endpoint_auth_method'] ?? 'client_secret_basic'
  if (secret === undefined || method !== 'client_secret_basic') {
    const posted = secret !== undefined && method === 'client_secret_post'
    return { headers: {}, form: { client_id: id, ...(posted && { client_secret: secret }) } }
  }
  // RFC 6749 §2.3.1: each half is form-encoded first.
  const [user, password] = [id, secret].map((half) =>
    new URLSearchParams({ half }).toString().slice(5),
  )
  const credentials = Buffer.from(`${user}:${password}`).toString('base64')
  return { headers: { Authorization: `Basic ${credentials}` }, form: {} }
}
