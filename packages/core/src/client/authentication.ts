import type * as oauth4webapi from 'oauth4webapi'
import type { ClientAuth } from 'oauth4webapi'
import { ConfigurationError } from '../errors/configuration.ts'
import { text } from '../lib/assert.ts'

/** How a client proves to the issuer that it is itself. */
export interface ClientAuthentication {
  /** As it is registered: the client's `token_endpoint_auth_method`. */
  readonly method: string
  /** Adds the proof to a request that is about to be sent. */
  readonly authenticate: ClientAuth
  /** Sends the requests where the connection is the proof, to the issuer's addresses for that (RFC 8705 §5). */
  readonly fetch?: typeof globalThis.fetch
}

/** How an assertion is made out. */
export interface AssertionOptions {
  /** The `aud` of the assertion. Default: the issuer. Okta wants the URL of the token endpoint instead. */
  readonly audience?: string
}

type Protocol = typeof oauth4webapi

/** Name and secret in the `Authorization` field, each form-encoded (RFC 6749 §2.3.1). */
export const clientSecretBasic = (secret: string): ClientAuthentication => {
  checkSecret('clientSecretBasic', secret)
  return lazily('client_secret_basic', (oauth) => oauth.ClientSecretBasic(secret))
}

/** Name and secret in the form: for issuers that do not take them from the `Authorization` field. */
export const clientSecretPost = (secret: string): ClientAuthentication => {
  checkSecret('clientSecretPost', secret)
  return lazily('client_secret_post', (oauth) => oauth.ClientSecretPost(secret))
}

/** A fresh assertion for each request, authenticated with the secret (HS256): the secret does not travel. */
export const clientSecretJwt = (
  secret: string,
  { audience }: AssertionOptions = {},
): ClientAuthentication => {
  checkSecret('clientSecretJwt', secret)
  return lazily('client_secret_jwt', (oauth) =>
    oauth.ClientSecretJwt(secret, {
      [oauth.modifyAssertion]: (_header, payload) => {
        if (audience !== undefined) payload['aud'] = audience
      },
    }),
  )
}

/** Only the name: for a client that cannot keep a secret. */
export const publicClient = (): ClientAuthentication => lazily('none', (oauth) => oauth.None())

/** Makes the proof when the first request needs it, so that whoever only guards loads none of the protocol. */
export function lazily(
  method: string,
  make: (oauth: Protocol) => ClientAuth | Promise<ClientAuth>,
): ClientAuthentication {
  let made: Promise<ClientAuth> | undefined
  return {
    method,
    authenticate: async (...given) => {
      made ??= import('oauth4webapi').then(make)
      const authenticate = await made
      await authenticate(...given)
    },
  }
}

function checkSecret(name: string, secret: unknown): void {
  const wrong = text(secret)
  if (wrong !== undefined) throw new ConfigurationError(`the secret of ${name}() ${wrong}`)
}
