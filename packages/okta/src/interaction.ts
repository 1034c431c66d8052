import { createHash, randomBytes } from 'node:crypto'
import {
  ConfigurationError,
  createClient,
  optionChecks,
  Outage,
  readClientOptions,
  type ClientOptions,
  type GrantedTokens,
  type Issuer,
} from '@portcullis/core'
import { createPost, type Post, type Posted } from './direct/post.ts'
import { printed } from './direct/words.ts'
import { oktaIssuer } from './issuer.ts'
import type { OktaServer } from './servers.ts'

/** How users sign in with pages of your own, by Okta's Sign-In Widget or SDK. Identity Engine only. */
export interface InteractionOptions {
  /** What `okta()` made. */
  readonly server: OktaServer
  /** Our registration. With `privateKeyJwt()`, its `audience` must be that of the endpoint: `(endpoint) => endpoint`. */
  readonly client: ClientOptions
  /** One of those that are registered; nobody is sent there. */
  readonly redirectUri: string
  /** Default `openid`. */
  readonly scope?: string
  /** What `createIssuer` made of `server.issuer`, to share its keys. Default: one of its own. */
  readonly issuer?: Issuer
  /** Seconds for one exchange, body included. Default 10. */
  readonly timeout?: number
  /** Default: the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch
  /** Epoch milliseconds. Default: `Date.now`. */
  readonly now?: () => number
}

/** What a sign-in may ask for beside the usual. */
export interface InteractionWish {
  readonly loginHint?: string
  /** Authentication contexts, the preferred one first; the ID token must have one of them. */
  readonly acrValues?: readonly string[]
  /** Seconds that may have passed since the user was authenticated. */
  readonly maxAge?: number
  /** That of an activation mail. */
  readonly activationToken?: string
  /** That of a recovery mail. */
  readonly recoveryToken?: string
}

/** A sign-in that has begun. Keep all but the handle where the browser cannot read it, for example sealed. */
export interface InteractionAttempt {
  /** For the widget or SDK: `interactionHandle`. */
  readonly handle: string
  /** For the widget or SDK. */
  readonly state: string
  readonly nonce: string
  readonly verifier: string
  readonly acrValues?: readonly string[]
  readonly maxAge?: number
}

/** Signs users in by the interaction code. */
export interface Interaction {
  /** Begins at `/v1/interact`. Rejects with an `Outage`, or a `ConfigurationError` where Okta refuses us. */
  begin(wish?: InteractionWish): Promise<InteractionAttempt>
  /** Trades the code that the widget ended with. A code that is used, wrong or too old is the `Refusal` `grant_refused`. */
  finish(interactionCode: string, attempt: InteractionAttempt): Promise<GrantedTokens>
}

const { anything, fn, listOf, record, seconds, someSeconds, text } = optionChecks
const checks = {
  server: record,
  client: record,
  redirectUri: text,
  scope: text,
  issuer: record,
  timeout: someSeconds,
  fetch: fn,
  now: fn,
} as const
const wishChecks = {
  loginHint: text,
  acrValues: listOf(text),
  maxAge: seconds,
  activationToken: text,
  recoveryToken: text,
} as const
const attemptChecks = {
  handle: anything,
  state: anything,
  nonce: text,
  verifier: text,
  acrValues: listOf(text),
  maxAge: seconds,
} as const

/**
 * Makes a client for the interaction code: `begin` before the widget is shown, `finish` with what it ends with.
 *
 * @example
 * const interaction = createInteraction({ server, client: { id, secret }, redirectUri })
 * const attempt = await interaction.begin()
 */
export function createInteraction(options: InteractionOptions): Interaction {
  const parts = partsOf(options)
  const { issuer, client, timeout = 10, runtime } = parts
  const { trade } = createClient({ issuer, client, timeout, ...runtime })
  return {
    begin: async (wish = {}) => {
      optionChecks.checkOptions('begin', wish, wishChecks)
      return begin(parts, wish)
    },
    finish: async (interactionCode, attempt) => {
      optionChecks.checkOptions('finish', attempt, attemptChecks)
      const { nonce, verifier, acrValues: acr, maxAge } = attempt
      return trade({
        type: 'interaction_code',
        form: { interaction_code: interactionCode, code_verifier: verifier },
        idToken: { nonce, acr, maxAge },
        granted: (tokens) => tokens,
      })
    },
  }
}

interface Parts extends InteractionOptions {
  readonly issuer: Issuer
  readonly post: Post
  readonly runtime: Pick<InteractionOptions, 'fetch' | 'now'>
}

function partsOf(options: InteractionOptions): Parts {
  optionChecks.checkOptions('createInteraction', options, checks)
  const { server, client, redirectUri, timeout = 10 } = options
  if (typeof server?.endpoints?.interact !== 'string') {
    throw new ConfigurationError('createInteraction.server must be what okta() made')
  }
  if (redirectUri === undefined) {
    throw new ConfigurationError('createInteraction.redirectUri is missing')
  }
  const { fetch: ownFetch, now } = options
  const runtime = { ...(ownFetch && { fetch: ownFetch }), ...(now && { now }) }
  const post = createPost({
    registration: readClientOptions(client, 'createInteraction.client'),
    timeout,
    fetch: ownFetch ?? ((input, init) => fetch(input, init)),
    now: now ?? (() => Date.now()),
  })
  return { ...options, issuer: options.issuer ?? oktaIssuer(server, runtime), post, runtime }
}

async function begin(
  { server, redirectUri, scope = 'openid', post }: Parts,
  wish: InteractionWish,
): Promise<InteractionAttempt> {
  const { acrValues, maxAge } = wish
  const made = { state: random(), nonce: random(), verifier: random() }
  const url = server.endpoints.interact
  const posted = await post(url, {
    scope,
    redirect_uri: redirectUri,
    state: made.state,
    nonce: made.nonce,
    code_challenge: createHash('sha256').update(made.verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...fieldsOf(wish),
  })
  return {
    ...made,
    handle: handleOf(posted, url),
    ...(acrValues && { acrValues }),
    ...(maxAge !== undefined && { maxAge }),
  }
}

const random = (): string => randomBytes(32).toString('base64url')

const fieldsOf = (wish: InteractionWish): Readonly<Record<string, string | undefined>> => ({
  login_hint: wish.loginHint,
  acr_values: wish.acrValues?.join(' '),
  max_age: wish.maxAge?.toString(),
  activation_token: wish.activationToken,
  recovery_token: wish.recoveryToken,
})

function handleOf({ status, body, clean }: Posted, url: string): string {
  const { interaction_handle: handle, error, error_description: description } = body
  if (status < 300 && typeof handle === 'string' && handle !== '') return handle
  const said = typeof error === 'string' ? printed(error, 80) : 'nothing of use'
  if (status >= 500 || status === 429 || typeof error !== 'string') {
    throw new Outage('endpoint_failed', `it answered ${status}: ${said}`, { url, phase: 'content' })
  }
  const why = typeof description === 'string' ? printed(clean(description), 200) : ''
  throw new ConfigurationError(
    `${url} answered ${said} ('${why}'): compare client, redirect URI, scope and grants with the registration.`,
  )
}
