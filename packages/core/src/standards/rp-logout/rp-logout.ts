import type { AuthorizationServer } from 'oauth4webapi'
import { Outage } from '../../errors/outage.ts'
import { insecurity } from '../../issuer/url.ts'

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
  const url = checkedEndpoint(endpoint, issuer)
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

// A browser is sent there with the ID token: over plain http only where the issuer itself was allowed it.
function checkedEndpoint(endpoint: unknown, issuer: string): URL {
  const wrong =
    typeof endpoint !== 'string' || !URL.canParse(endpoint)
      ? 'is not a URL'
      : insecurity(new URL(endpoint), insecurity(new URL(issuer), false) !== undefined)
  if (wrong === undefined) return new URL(String(endpoint))
  throw new Outage('issuer_invalid', `its end_session_endpoint ${wrong}`, { url: issuer })
}
