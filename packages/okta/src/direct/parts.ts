import {
  ConfigurationError,
  createIdTokenCheck,
  createIssuer,
  createSignedReader,
  optionChecks,
  readClientOptions,
  type IdTokenCheck,
  type Registration,
} from '@portcullis/core'
import type { OktaServer } from '../servers.ts'
import { limitAttempts, type AttemptLimiter } from './attempts.ts'
import { memoryAttempts } from './memory-attempts.ts'
import type { DirectObserver } from './observe.ts'
import { directChecks, type DirectAuthenticationOptions, type Sleep } from './options.ts'
import { createPost, type Post } from './post.ts'
import { mfaAttestation } from './tokens.ts'
import { createVault, type Vault } from './vault.ts'
import { grantOf, type SecondFactor } from './wire.ts'

/** What direct authentication is made of. */
export interface DirectParts {
  readonly server: OktaServer
  readonly clientId: string
  readonly scope: string
  readonly acrValues: string | undefined
  readonly factors: readonly SecondFactor[]
  /** What Okta is told that we can do; `undefined`: nothing. */
  readonly grantTypes: string | undefined
  readonly post: Post
  readonly vault: Vault
  readonly limiter: AttemptLimiter
  readonly observe: DirectObserver | undefined
  readonly checkIdToken: IdTokenCheck
  readonly now: () => number
  readonly sleep: Sleep
}

/** Checks the options and puts the defaults in place. */
export function createDirectParts(options: DirectAuthenticationOptions): DirectParts {
  optionChecks.checkOptions('direct', options, directChecks)
  const { server, scope = 'openid', acrValues, factors, limiter, observe } = options
  if (typeof server?.endpoints?.primaryAuthenticate !== 'string') {
    throw new ConfigurationError('direct.server must be what okta() made')
  }
  const registration = readClientOptions(options.client, 'direct.client')
  checkAttestation(options, registration)
  const now = options.now ?? (() => Date.now())
  const { id: clientId } = registration
  return {
    server,
    clientId,
    scope,
    acrValues: acrValues?.join(' '),
    factors: factors ?? ['push', 'otp', 'sms', 'voice'],
    grantTypes: factors && [...new Set(factors.map((factor) => grantOf(factor)))].join(' '),
    post: postOf(options, registration, now),
    vault: createVault(options.secrets, `okta direct ${server.issuer} ${clientId}`, now),
    limiter: limiterOf(limiter, now),
    observe,
    checkIdToken: createCheck(options, clientId, now),
    now,
    sleep: options.sleep ?? sleep,
  }
}

const postOf = (
  { fetch: ownFetch, timeout = 10 }: DirectAuthenticationOptions,
  registration: Registration,
  now: () => number,
): Post =>
  createPost({
    registration,
    fetch: ownFetch ?? ((input, init) => fetch(input, init)),
    now,
    timeout,
  })

export function limiterOf(
  limiter: AttemptLimiter | 'none' | undefined,
  now: () => number,
): AttemptLimiter {
  if (limiter === undefined) return limitAttempts({ store: memoryAttempts({ now }) })
  return limiter === 'none' ? unlimited : limiter
}

const unlimited: AttemptLimiter = {
  take: async () => ({ allowed: true, giveBack: async () => undefined }),
  signedIn: async () => undefined,
}

function createCheck(
  options: DirectAuthenticationOptions,
  clientId: string,
  now: () => number,
): IdTokenCheck {
  const { server, clockTolerance, fetch: ownFetch } = options
  const issuer =
    options.issuer ??
    createIssuer({ issuer: server.issuer, now, ...(ownFetch && { fetch: ownFetch }) })
  if (issuer.url !== server.issuer) {
    throw new ConfigurationError(
      `direct.issuer is ${issuer.url}, but direct.server is ${server.issuer}`,
    )
  }
  return createIdTokenCheck({
    clientId,
    issuer,
    readSigned: createSignedReader({ issuer }),
    now,
    ...(clockTolerance !== undefined && { clockTolerance }),
  })
}

function checkAttestation(
  { acrValues = [], scope = 'openid' }: DirectAuthenticationOptions,
  { authentication }: Registration,
): void {
  if (!acrValues.includes(mfaAttestation)) return
  const wrong =
    (acrValues.length > 1 && 'stands alone in acrValues') ||
    (scope !== 'openid' && "goes with the scope 'openid' only") ||
    (authentication.method === 'none' && 'wants a client that authenticates')
  if (wrong !== false) throw new ConfigurationError(`direct: ${mfaAttestation} ${wrong}`)
}

export const sleep: Sleep = (seconds, signal) =>
  new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer)
      // The reason is the application's own.
      // oxlint-disable-next-line prefer-promise-reject-errors
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', end)
      resolve()
    }, seconds * 1000)
    if (signal?.aborted === true) end()
    else signal?.addEventListener('abort', end, { once: true })
  })
