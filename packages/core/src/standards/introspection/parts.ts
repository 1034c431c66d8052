import { readClientOptions } from '../../client/options.ts'
import { ConfigurationError } from '../../errors/configuration.ts'
import { createIssuer, type Issuer, type IssuerHealth } from '../../issuer/create.ts'
import { insecurity } from '../../issuer/url.ts'
import { checkOptions } from '../../lib/assert.ts'
import type { Runtime } from '../../lib/runtime.ts'
import { createSignedReader } from '../jwt/signed.ts'
import { acceptedTypes, type Expected } from './answer.ts'
import type { Breaker } from './breaker.ts'
import { signedChecks, type IntrospectionOptions } from './options.ts'
import { createQuestion, type Question } from './question.ts'

const runtimeOf = <C>({ fetch, now }: IntrospectionOptions<C>): Runtime => ({
  ...(fetch && { fetch }),
  ...(now && { now }),
})

export function issuerOf<C>(options: IntrospectionOptions<C>): Issuer {
  const { issuer, allowInsecureIssuer = false } = options
  if (typeof issuer === 'string') {
    return createIssuer({ issuer, allowInsecureIssuer, ...runtimeOf(options) })
  }
  if (typeof issuer?.metadata === 'function') return issuer
  throw new ConfigurationError(
    'introspection.issuer must be a string, or what createIssuer() made of it',
  )
}

export function questionOf<C>(options: IntrospectionOptions<C>, issuer: Issuer): Question {
  const { client, endpoint, signed = false, timeout = 5, clockTolerance: tolerance } = options
  const { allowInsecureIssuer: allowInsecure = false } = options
  if (client === undefined) throw new ConfigurationError('introspection.client is missing')
  readClientOptions(client, 'introspection.client')
  if (endpoint !== undefined) checkEndpoint(endpoint, allowInsecure)
  const accepted = typeof signed === 'boolean' ? {} : signed
  checkOptions('introspection.signed', accepted, signedChecks)
  return createQuestion({
    ...runtimeOf(options),
    issuer,
    endpoint,
    options: client,
    timeout,
    allowInsecure,
    ...(tolerance !== undefined && { tolerance }),
    readSigned: createSignedReader({ issuer, ...accepted }),
    signedOnly: signed !== false,
  })
}

function checkEndpoint(endpoint: string, allowInsecure: boolean): void {
  const refused = URL.canParse(endpoint)
    ? insecurity(new URL(endpoint), allowInsecure)
    : 'must be an absolute URL'
  if (refused !== undefined) throw new ConfigurationError(`introspection.endpoint ${refused}`)
}

export function expectedOf<C>(options: IntrospectionOptions<C>, { url }: Issuer): Expected {
  const { audience, client, types = [], clockTolerance = 5 } = options
  return {
    issuer: url,
    // RFC 7662 §4: a token may be for whoever it names, and the issuer knows us by this name.
    audiences: new Set([audience ?? client.id].flat()),
    audienceNeeded: audience !== undefined,
    types: new Set([...acceptedTypes, ...types].map((type) => type.toLowerCase())),
    tolerance: clockTolerance,
  }
}

/** How the issuer fares: by the keys where answers must be signed, and by how the last questions went. */
export function healthOf(
  issuer: Issuer,
  { signedOnly, breaker }: { readonly signedOnly: boolean; readonly breaker: Breaker | undefined },
): IssuerHealth {
  const keys = signedOnly ? issuer.health() : { ...keyless, issuer: issuer.url }
  if (breaker === undefined || breaker.failures === 0) return keys
  const { failures, lastFailure, open } = breaker
  return { ...keys, failures, lastFailure, ...(open && { ok: false, status: 'down' }) }
}

const keyless = {
  ok: true,
  status: 'fresh',
  keys: 0,
  age: undefined,
  failures: 0,
  lastFailure: undefined,
} as const
