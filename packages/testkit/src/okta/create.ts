import type { RequestListener } from 'node:http'
import type { Clock } from '../clock.ts'
import { createFaults, type Faults } from '../server/faults.ts'
import { listenOnLoopback, type Loopback } from '../server/loopback.ts'
import { createRequestCounter, type RequestCounts } from '../server/requests.ts'
import type { OktaApp } from './apps.ts'
import { createAuthn, type Authn } from './authn/routes.ts'
import { createRunningClock } from './clock.ts'
import { createFront } from './front.ts'
import type { Limits } from './limits.ts'
import type { IdentityProvider } from './identity-providers.ts'
import { completeInteraction } from './interact.ts'
import type { FactorKind, OktaOptions } from './options.ts'
import { createOrg, type Org } from './org.ts'
import type { Person } from './people.ts'
import type { Inbox, Phone } from './phone.ts'
import { createRequests, type OktaRequests } from './request.ts'
import { oauthRoutes } from './routes.ts'
import type { OktaServer } from './servers.ts'
import { samlAssertion } from './token/saml-bearer.ts'
import { createState, type OktaSettings } from './state.ts'
import { callEndpoint, type UniversalLogout } from './universal-logout.ts'
import type { OktaEndpoint } from './wire.ts'

/** An Okta org in your process, with levers. */
export interface Okta extends OktaRequests {
  /** `http://127.0.0.1:<port>`: what `https://{domain}` is to a real org. */
  readonly url: string
  /** The org server, whose issuer is `url`. */
  readonly org: OktaServer
  /** The custom servers, by the name in the options. */
  readonly servers: { readonly default: OktaServer } & Readonly<Record<string, OktaServer>>
  /** An app by its name in the options or its client id; throws if there is none. */
  readonly app: (name: string) => OktaApp
  /** A user by the name in the options, login or id; throws if there is none. */
  readonly user: (name: string) => Person
  /** An external identity provider by its name in the options; throws if there is none. */
  readonly identityProvider: (name: string) => IdentityProvider
  /** Somebody's phone, to answer pushes and read codes. */
  readonly phone: (user: string) => Phone
  /** What was sent to somebody. */
  readonly inbox: (user: string) => Inbox
  /** Says yes or no at `/activate` for a device's user code. */
  readonly answerDevice: (userCode: string, user: string | false) => void
  /** Ends what `/v1/interact` began as Okta's widget would, after the user has proven these factors: the interaction code. */
  readonly completeInteraction: (
    handle: string,
    user: string,
    factors?: readonly FactorKind[],
  ) => string
  /** A SAML assertion about a user, as XML, that this org takes for five minutes. */
  readonly samlAssertion: (user: string) => string
  /** Ends the sessions of a user and, with `tokens`, everything that was issued to them. */
  readonly signOutEverywhere: (user: string, options?: { readonly tokens?: boolean }) => void
  /** Tells an application that a user is signed out everywhere; its status. */
  readonly sendUniversalLogout: (call: UniversalLogout) => Promise<number>
  /** Switches of the org, to change at any time. */
  readonly settings: OktaSettings
  readonly limits: Limits
  /** Switches and beginnings of the Authentication API. */
  readonly authn: Omit<Authn, 'routes'>
  readonly clock: Clock
  readonly faults: Faults<OktaEndpoint>
  readonly requests: RequestCounts<OktaEndpoint>
  /** How many connections were tried, refused ones included. */
  readonly connections: number
  /** What failed inside: the causes of its 500s. */
  readonly errors: readonly unknown[]
  /** Stops; whatever hangs is ended. */
  readonly close: () => Promise<void>
}

/**
 * Starts an emulated Okta org on 127.0.0.1.
 *
 * @example
 * const okta = await createOkta()
 * okta.servers.default.issuer // http://127.0.0.1:…/oauth2/default
 * okta.phone('alice').approve()
 */
export async function createOkta(options: OktaOptions = {}): Promise<Okta> {
  const { clock = createRunningClock() } = options
  const open = createState(options, clock.now)
  const errors: unknown[] = []
  const requests = createRequestCounter<OktaEndpoint>()
  const faults = createFaults<OktaEndpoint>(() => loopback.disconnect())
  // Who answers is known only after the socket is, because every URL names its port.
  const front: { listener?: RequestListener } = {}
  const loopback: Loopback = await listenOnLoopback(
    (request, response) => front.listener?.(request, response),
    { port: options.port, refuses: faults.down },
  )
  const org = createOrg(open(loopback.url))
  const { routes: authnRoutes, ...authn } = createAuthn(org, options.authn)
  const routes = [...authnRoutes, ...oauthRoutes(org)]
  const { onExchange } = options
  front.listener = createFront({ state: org, routes, requests, faults, onExchange, errors })
  return {
    ...leversOf(org),
    authn,
    url: loopback.url,
    clock,
    faults,
    requests,
    get connections() {
      return loopback.connections
    },
    errors,
    close: loopback.close,
  }
}

function leversOf(org: Org) {
  const user = (name: string): Person => known(org.findPerson(name), name)
  const named = Object.fromEntries([...org.servers.values()].map((server) => [server.name, server]))
  const servers = { ...named, default: known(named['default'], 'default') }
  const app = (name: string): OktaApp =>
    known(org.apps.get(name) ?? [...org.apps.values()].find((one) => one.name === name), name)
  const base = (name: string) => known(name === 'org' ? org.org : named[name], name).base
  return {
    org: org.org,
    servers,
    app,
    ...createRequests({ app, base, now: org.now }),
    user,
    identityProvider: (name: string): IdentityProvider =>
      known(
        [...org.identityProviders.values()].find((one) => one.name === name),
        name,
      ),
    phone: (name: string): Phone => org.reach(user(name)),
    inbox: (name: string): Inbox => org.reach(user(name)),
    answerDevice: (userCode: string, name: string | false) =>
      known(
        org.devices.all().find((device) => device.userCode === userCode),
        userCode,
      ).decide(
        name === false ? 'refused' : { person: user(name), at: org.now(), factors: ['password'] },
      ),
    completeInteraction: (
      handle: string,
      name: string,
      factors: readonly FactorKind[] = ['password'],
    ): string => completeInteraction(org, handle, user(name), factors),
    samlAssertion: (name: string): string => samlAssertion(org, user(name)),
    signOutEverywhere: (name: string, { tokens = false } = {}) => {
      org.sessions.endAll(user(name))
      if (tokens) org.endTokens(user(name))
    },
    sendUniversalLogout: (call: UniversalLogout) =>
      callEndpoint(org, call, { person: user(call.user), app: app(call.app ?? 'web') }),
    settings: org.settings,
    limits: org.limits,
  }
}

function known<Item>(item: Item | undefined, name: string): Item {
  if (item === undefined) throw new Error(`the org does not know '${name}'`)
  return item
}
