import { ConfigurationError } from '../errors/configuration.ts'
import { checkOptions, text, type Check } from '../lib/assert.ts'
import { isRecord } from '../lib/own.ts'
import { clientSecretBasic, publicClient, type ClientAuthentication } from './authentication.ts'

/** Our registration at the issuer. */
export interface ClientOptions {
  /** The `client_id`. */
  readonly id: string
  /** The `client_secret`, sent as `client_secret_basic`. Without it and `authentication`, a public client asks. */
  readonly secret?: string
  /** Another way to authenticate: `clientSecretPost()`, `clientSecretJwt()`, `privateKeyJwt()`, `mutualTls()`. */
  readonly authentication?: ClientAuthentication
}

/** Who asks, and how it is proven. */
export interface Registration {
  readonly id: string
  readonly authentication: ClientAuthentication
}

const authentication: Check = (value) =>
  isRecord(value) && typeof value['method'] === 'string' && isFunction(value['authenticate'])
    ? undefined
    : 'must be what clientSecretPost(), privateKeyJwt() or one of the others made'

const isFunction = (value: unknown): boolean => typeof value === 'function'

const clientChecks: Readonly<Record<keyof ClientOptions, Check>> = {
  id: text,
  secret: text,
  authentication,
}

/** Checks the options of a client and fills in the default. `name` is where they stand. */
export function readClientOptions(options: ClientOptions, name = 'client'): Registration {
  checkOptions(name, options, clientChecks)
  const { id, secret, authentication: given } = options
  if (id === undefined) throw new ConfigurationError(`${name}.id is missing`)
  if (secret !== undefined && given !== undefined) {
    throw new ConfigurationError(
      `${name}.secret and ${name}.authentication exclude each other: give the secret to clientSecretPost() or clientSecretJwt()`,
    )
  }
  if (given !== undefined) return { id, authentication: given }
  return { id, authentication: secret === undefined ? publicClient() : clientSecretBasic(secret) }
}
