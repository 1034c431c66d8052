import type * as oauth4webapi from 'oauth4webapi'
import type { ClientAuth } from 'oauth4webapi'
import { ConfigurationError } from '../errors/configuration.ts'
import { either, fn, text } from '../lib/assert.ts'

/** How a client proves to the issuer that it is itself. */
export interface ClientAuthentication {
  /** As it is registered: the client's `token_endpoint_auth_method`. */
  readonly method: string
  /** Adds the proof to a request that is about to be sent, to `endpoint` where that is known. */
  readonly authenticate: Authenticate
  /** Sends the requests where the connection is the proof, to the issuer's addresses for that (RFC 8705 §5). */
  readonly fetch?: typeof globalThis.fetch
}

/** How oauth4webapi has a request proven; we say which endpoint it goes to as well. */
export type Authenticate = (
  ...given: [...Parameters<ClientAuth>, endpoint?: string]
) => void | Promise<void>

/** How an assertion is made out. */
export interface AssertionOptions {
  /**
   * The `aud` of the assertion, or what makes it of the endpoint that is asked. Default: the issuer. Okta
   * wants the address that is asked: `audience: (endpoint) => endpoint`.
   */
  readonly audience?: string | ((endpoint: string) => string)
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

// RFC 7518 §3.2: whoever sees an assertion of a shorter one can find it by trying.
const leastSecret = 32

/**
 * A fresh assertion for each request, authenticated with the secret (HS256): the secret does not travel. It
 * must have 32 bytes or more.
 */
export const clientSecretJwt = (
  secret: string,
  { audience }: AssertionOptions = {},
): ClientAuthentication => {
  checkSecret('clientSecretJwt', secret)
  if (Buffer.byteLength(secret) < leastSecret) {
    throw new ConfigurationError(
      `the secret of clientSecretJwt() must have ${leastSecret} bytes or more (RFC 7518 §3.2)`,
    )
  }
  const made = audienceOf('clientSecretJwt', audience)
  return lazily('client_secret_jwt', (oauth) => (server, client, form, headers, endpoint) => {
    const sign = oauth.ClientSecretJwt(secret, {
      [oauth.modifyAssertion]: (_header, payload) => {
        payload['aud'] = made(server.issuer, endpoint)
      },
    })
    return sign(server, client, form, headers)
  })
}

/** Only the name: for a client that cannot keep a secret. */
export const publicClient = (): ClientAuthentication => lazily('none', (oauth) => oauth.None())

/** Makes the proof when the first request needs it, so that whoever only guards loads none of the protocol. */
export function lazily(
  method: string,
  make: (oauth: Protocol) => Authenticate | Promise<Authenticate>,
): ClientAuthentication {
  let made: Promise<Authenticate> | undefined
  return {
    method,
    authenticate: async (...given) => {
      made ??= import('oauth4webapi').then(make)
      const authenticate = await made
      await authenticate(...given)
    },
  }
}

/** Makes the `aud` of each assertion: one that is sent to an endpoint of its own is good there alone. */
export function audienceOf(
  name: string,
  audience: AssertionOptions['audience'],
): (issuer: string, endpoint: string | undefined) => string {
  const wrong = audience === undefined ? undefined : either(text, fn)(audience)
  if (wrong !== undefined) throw new ConfigurationError(`${name}.audience ${wrong}`)
  return (issuer, endpoint) => {
    const made = typeof audience === 'function' ? audience(endpoint ?? issuer) : audience
    if (made === undefined && typeof audience !== 'function') return issuer
    if (typeof made === 'string' && made !== '') return made
    throw new ConfigurationError(`${name}.audience must answer with a non-empty string`)
  }
}

function checkSecret(name: string, secret: unknown): void {
  const wrong = text(secret)
  if (wrong !== undefined) throw new ConfigurationError(`the secret of ${name}() ${wrong}`)
}
