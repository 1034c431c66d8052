import type { AuthorizationServer } from 'oauth4webapi'
import { Outage } from '../../errors/outage.ts'

/** Who logs out, and where to after that. */
export interface EndSessionRequest {
  readonly clientId: string
  /** The ID token of the session, by which the issuer knows whom to log out without asking. */
  readonly idTokenHint?: string | undefined
  /** One of those that the client registered. */
  readonly postLogoutRedirectUri?: string | undefined
  /** Comes back with the browser. */
  readonly state?: string | undefined
  /** For issuers that take no ID token: whom to log out. */
  readonly logoutHint?: string | undefined
}

/** Where to send a browser that logs out at the issuer too (OpenID Connect RP-Initiated Logout §2); `undefined` where the issuer has no place for it. */
export function endSessionUrl(
  { issuer, end_session_endpoint: endpoint }: AuthorizationServer,
  request: EndSessionRequest,
): URL | undefined {
  if (endpoint === undefined) return undefined
  if (typeof endpoint !== 'string' || !/^https?:/i.test(endpoint) || !URL.canParse(endpoint)) {
    throw new Outage('issuer_invalid', 'its end_session_endpoint is not a URL', { url: issuer })
  }
  const url = new URL(endpoint)
  const parameters = {
    client_id: request.clientId,
    id_token_hint: request.idTokenHint,
    post_logout_redirect_uri: request.postLogoutRedirectUri,
    state: request.state,
    logout_hint: request.logoutHint,
  }
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) url.searchParams.append(name, value)
  }
  return url
}
