import type { LoginClient } from '../client/client.ts'

/** How an authorization request travels: in the URL, pushed ahead (PAR), signed (JAR). */
export type Delivery = (request: AuthorizationRequest) => Promise<URL>

/** What is to be delivered. */
export interface AuthorizationRequest {
  readonly client: LoginClient
  /** Of the issuer's authorization endpoint. */
  readonly endpoint: URL
  readonly parameters: URLSearchParams
}

/** In the query of the authorization endpoint. */
export const plain: Delivery = ({ endpoint, parameters }) => {
  const url = new URL(endpoint)
  for (const [name, value] of parameters) url.searchParams.append(name, value)
  return Promise.resolve(url)
}
