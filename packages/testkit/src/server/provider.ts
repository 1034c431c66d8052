import { Provider } from 'oidc-provider/lib/provider.js'
import type { Configuration } from 'oidc-provider'
import { mayRedirect } from './clients.ts'

/** An instance over the given keys. A rotation makes another one over the same stored state. */
export function createProvider(
  issuer: string,
  configuration: Configuration,
  errors: unknown[],
): Provider {
  const provider = new Provider(issuer, configuration)
  const note = (_: unknown, error: unknown) => errors.push(error)
  provider.on('server_error', note)
  provider.on('backchannel.error', note)
  provider.silent = true
  acceptLoopbackRedirects(provider)
  return provider
}

// The port of the application under test is not known when the clients are registered.
function acceptLoopbackRedirects({ Client }: Provider): void {
  const { redirectUriAllowed, postLogoutRedirectUriAllowed } = Client.prototype
  Client.prototype.redirectUriAllowed = function (uri) {
    return redirectUriAllowed.call(this, uri) || mayRedirect(uri, this.redirectUris)
  }
  Client.prototype.postLogoutRedirectUriAllowed = function (uri) {
    return postLogoutRedirectUriAllowed.call(this, uri) || mayRedirect(uri, this.redirectUris)
  }
}
