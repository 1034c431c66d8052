import { createApp, defaultApps, type OktaApp } from './apps.ts'
import { stableId } from './ids.ts'
import { createLimits, type Limits } from './limits.ts'
import { createIdentityProvider, type IdentityProvider } from './identity-providers.ts'
import type { FactorKind, OktaOptions } from './options.ts'
import { createPerson, defaultUsers, factorOf, type Factor, type Person } from './people.ts'
import { createReach, type Reach } from './phone.ts'
import { draftOrg, draftServer, type OktaServer, type Server } from './servers.ts'
import { createSessions, type Sessions } from './sessions.ts'

/** Everything that the org knows: what each door of the emulator reads and writes. */
export interface OktaState {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly origin: string
  /** `00o…`, the `idp` of everybody who signs in with Okta itself. */
  readonly orgId: string
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly settings: OktaSettings
  readonly apps: ReadonlyMap<string, OktaApp>
  /** External ones, by id. */
  readonly identityProviders: ReadonlyMap<string, IdentityProvider>
  /** By login, by id, or by the name in the options. */
  readonly findPerson: (key: string) => Person | undefined
  /** How many users a login without its domain could mean. */
  readonly namesakes: (hint: string) => number
  readonly people: readonly Person[]
  readonly reach: (person: Person) => Reach
  /** The factor, if the user has enrolled it and nobody has disabled it. */
  readonly usable: (person: Person, kind: FactorKind) => Factor | undefined
  readonly org: Server
  /** The custom ones, by id. */
  readonly servers: ReadonlyMap<string, Server>
  readonly sessions: Sessions
  readonly limits: Limits
}

/** The switches of the org; they may be changed at any time. */
export interface OktaSettings {
  disabledAuthenticators: readonly FactorKind[]
  sessionFactors: 1 | 2
  trustedOrigins: readonly string[]
  apiTokens: readonly string[]
  numberChallenge: boolean
  emailChannel: boolean
  /** Seconds between two polls, as the answers ask for it. */
  pollInterval: number
  identityEngine: boolean
  apiAccessManagement: boolean
  revokeOnCodeReuse: boolean
  /** Whether no code and no push can be sent: what starts one then fails with a 500. */
  deliveryFails: boolean
  /** What `/par` answers with: 200 in Okta's reference, 201 in RFC 9126. */
  pushedStatus: 200 | 201
  /** Members to add to both documents of a server, for orgs that show more; `undefined` takes one away. */
  metadata: (server: OktaServer) => Readonly<Record<string, unknown>>
}

/** Makes the state, in two steps because the origin is only known once a socket listens. */
export function createState(
  options: OktaOptions,
  now: () => number,
): (origin: string) => OktaState {
  const servers = { default: {}, ...options.servers }
  const org = draftOrg(now)
  const custom = Object.entries(servers).map(([name, server]) => draftServer(name, server, now))
  const apps = Object.entries({ ...defaultApps, ...options.apps })
  const users = Object.entries(options.users ?? defaultUsers)
  const settings = settle(options)
  return (origin) => ({
    origin,
    orgId: stableId('00o', 'org'),
    now,
    settings,
    apps: byId(
      apps.map(([name, app]) => createApp(name, app)),
      ({ clientId }) => clientId,
    ),
    identityProviders: byId(
      Object.entries(options.identityProviders ?? {}).map(createIdentityProvider),
      ({ id }) => id,
    ),
    ...createDirectory(
      users.map(([name, user]) => createPerson(name, user, now())),
      now,
    ),
    usable: (person, kind) =>
      settings.disabledAuthenticators.includes(kind) ? undefined : factorOf(person, kind),
    org: org(origin),
    servers: byId(
      custom.map((draft) => draft(origin)),
      ({ id }) => id,
    ),
    sessions: createSessions(now),
    limits: createLimits(options.limits ?? {}, now),
  })
}

function createDirectory(
  people: readonly Person[],
  now: () => number,
): Pick<OktaState, 'people' | 'findPerson' | 'namesakes' | 'reach'> {
  const reaches = new Map(people.map((person) => [person.id, createReach(person, now)]))
  return {
    people,
    namesakes: (hint) =>
      people.filter(({ login }) => login.toLowerCase().startsWith(`${hint.toLowerCase()}@`)).length,
    findPerson: (key) =>
      people.find(({ name, id, login }) =>
        [name, id, login].some((known) => known.toLowerCase() === key.toLowerCase()),
      ),
    reach: (person) => {
      const reach = reaches.get(person.id)
      if (reach === undefined) throw new Error(`${person.name} is not of this org`)
      return reach
    },
  }
}

const byId = <Item>(items: readonly Item[], id: (item: Item) => string): Map<string, Item> =>
  new Map(items.map((item) => [id(item), item]))

const settle = (options: OktaOptions): OktaSettings => ({
  disabledAuthenticators: options.disabledAuthenticators ?? [],
  sessionFactors: options.sessionFactors ?? 1,
  trustedOrigins: options.trustedOrigins ?? [],
  apiTokens: options.apiTokens ?? ['okta-api-token'],
  numberChallenge: options.numberChallenge ?? false,
  emailChannel: options.emailChannel ?? true,
  pollInterval: options.pollInterval ?? 5,
  identityEngine: options.identityEngine ?? true,
  apiAccessManagement: options.apiAccessManagement ?? true,
  revokeOnCodeReuse: options.revokeOnCodeReuse ?? true,
  deliveryFails: false,
  pushedStatus: 200,
  metadata: () => ({}),
})
