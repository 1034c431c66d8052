import { createGuard, type Guard, type GuardSettings } from '@portcullis/core'
import type { Compiled, Equipment, GatewayExtension } from './compiled.ts'
import type { GatewayConfig, RouteConfig } from './config/config.ts'
import { hostsOf, routeId } from './config/route-names.ts'
import { healthOf, prewarmIssuer, snapshotsOf } from './condition.ts'
import { createHolding, type Heritage, type Holding } from './heritage.ts'
import { createIdentity } from './identity/create.ts'
import { openSharedTruth, type SharedTruth } from './redis/shared.ts'
import type { Route } from './routing/route.ts'
import { createRouteTable, type RouteEntry } from './routing/table.ts'
import type { ReadyIssuer } from './verify/issuers.ts'
import { readRules } from './verify/rules.ts'
import { createVerifiers, type KnownVerifier, type Verifiers } from './verify/verifiers.ts'

/**
 * Makes a checked configuration ready. Nothing is fetched and nothing connected before it is needed, and
 * what it inherits is not fetched again.
 */
export function compile(
  config: GatewayConfig,
  equipment: Equipment = {},
  before?: Heritage,
): Compiled {
  const { now, signingKeys, snapshots = [] } = equipment
  const deadline = config.deadline ?? 0.15
  const holding = holdingFor(config, deadline, before)
  const shared = holding.truth
  const heirlooms = before?.verifiers ?? []
  const isInherited = holding === before?.shared
  const verifiers = createVerifiers(config.issuers, equipment, shared?.findings, {
    verifiers: heirlooms,
    snapshots,
  })
  const guards = createGuards(config, equipment, shared, verifiers)
  const table = createRouteTable(
    config.routes.map((route, at) =>
      entryOf(route, routeId(route.id, at), config, () => guards.forRoute(route)),
    ),
  )
  const identity = createIdentity(config.identity, {
    ...(signingKeys && { signingKeys }),
    ...(now && { now }),
  })
  const inUse = [...verifiers.inUse.values()]
  const fresh = newOnes(inUse, heirlooms)
  // From here on nothing fails, so that whoever takes it lets go of it.
  holding.take()
  return {
    config,
    table,
    identity,
    deadline,
    preflight: config.preflight === true,
    prewarm: async () => {
      await Promise.all([shared?.connect(), ...guards.all().map((guard) => guard.prewarm())])
    },
    prepare: async () => {
      await Promise.all([isInherited ? undefined : shared?.connect(), ...fresh.map(prewarmIssuer)])
    },
    snapshots: () => snapshotsOf(issuersOf(inUse)),
    heritage: { verifiers: inUse, shared: holding },
    health: () => healthOf(guards.all(), shared),
    close: holding.release,
  }
}

function holdingFor(
  config: GatewayConfig,
  deadline: number,
  before: Heritage | undefined,
): Holding {
  if (before?.shared.suits(config, deadline)) return before.shared
  return createHolding(openSharedTruth(config.redis, deadline), config, deadline)
}

const issuersOf = (verifiers: readonly KnownVerifier[]): readonly ReadyIssuer[] => [
  ...new Set(verifiers.flatMap(({ issuers }) => issuers)),
]

const newOnes = (
  verifiers: readonly KnownVerifier[],
  before: readonly KnownVerifier[],
): readonly ReadyIssuer[] => {
  const known = new Set(issuersOf(before))
  return issuersOf(verifiers).filter((one) => !known.has(one))
}

interface RouteGuard {
  readonly guard: Guard
  readonly lasting: boolean
}

function entryOf(
  config: RouteConfig,
  id: string,
  { identity }: GatewayConfig,
  guardOf: () => RouteGuard,
): RouteEntry {
  const { path, methods } = config
  const open = config.allow === 'anonymous'
  const { guard, lasting } = open ? { guard: undefined, lasting: false } : guardOf()
  const upstream =
    identity?.token === undefined ? undefined : (config.upstream ?? identity.token.audience)
  const route: Route = { id, guard, upstream, lasting, ...(methods && { methods }) }
  return { path, hosts: hostsOf(config.host), methods, route }
}

interface Guards {
  forRoute(route: RouteConfig): RouteGuard
  all(): readonly Guard[]
}

/** One guard a set of issuers: its caches serve every route that trusts the same. */
function createGuards(
  config: GatewayConfig,
  extension: GatewayExtension,
  shared: SharedTruth | undefined,
  verifiers: Verifiers,
): Guards {
  const settings = settingsOf(config, extension, shared)
  const bases = new Map<string, Guard>()
  const baseFor = (ids: readonly string[] | undefined): Guard => {
    const { key, verifier } = verifiers.forIssuers(ids)
    const base = bases.get(key) ?? createGuard({ verifier, ...settings })
    bases.set(key, base)
    return base
  }
  return {
    forRoute: (route) => {
      const rules = readRules(route.rules ?? {}, extension.rules ?? {})
      const guard = baseFor(route.issuers).with(...rules.rules)
      // What a rule in code looks at, or the issuer would say next time, nobody can know.
      const live = shared?.revoked !== undefined || verifiers.areLive(route.issuers)
      return {
        guard: route.allow === 'optional' ? guard.optional() : guard,
        lasting: !live && !rules.custom,
      }
    },
    all: () => [...bases.values()],
  }
}

function settingsOf(
  { realm }: GatewayConfig,
  { constraints }: GatewayExtension,
  shared: SharedTruth | undefined,
): GuardSettings {
  return {
    ...(realm !== undefined && { realm }),
    ...(constraints && { constraints }),
    ...(shared?.revoked && { revoked: shared.revoked }),
  }
}
