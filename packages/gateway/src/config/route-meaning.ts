import { optionChecks } from '@portcullis/core'
import { covers, readPattern, type Pattern } from '../routing/pattern.ts'
import { takesOpaque } from '../verify/opaque.ts'
import type { IdentityConfig, IssuerConfig, RouteConfig } from './config.ts'
import { hostsOf, routeId } from './route-names.ts'
import type { Path, Tell } from './shape.ts'
import { repeated, type Sound } from './sound.ts'

/** What is wrong between routes, and between routes and issuers. */
export function checkRoutes(sound: Sound, tell: Tell): void {
  checkIds(sound, tell)
  for (const { at, held } of sound.each<readonly string[]>('routes', 'issuers')) {
    checkIssuers(sound, at, held, tell)
  }
  checkUpstreams(sound, tell)
  checkDefaultSet(sound, tell)
  checkReach(sound, tell)
}

function checkIds(sound: Sound, tell: Tell): void {
  const named = new Map(sound.each<string>('routes', 'id').map(({ at, held }) => [at, held]))
  const ids = sound.each<unknown>('routes', 'path').map(({ at }) => at)
  const all = [...new Set([...named.keys(), ...ids])].toSorted((a, b) => a - b)
  const places = all.map((at) => ({ at, held: routeId(named.get(at), at) }))
  for (const { at, of } of repeated(places, (id) => id)) {
    tell({ path: ['routes', at, 'id'], message: `is that of routes[${of}] already` })
  }
}

// An identity in which something is wrong may well have a token.
function checkUpstreams(sound: Sound, tell: Tell): void {
  const identity = sound.at<IdentityConfig>('identity')
  if (identity?.token !== undefined || (identity === undefined && sound.has('identity'))) return
  for (const { at } of sound.each<string>('routes', 'upstream')) {
    tell({ path: ['routes', at, 'upstream'], message: 'has no use without identity.token' })
  }
}

function checkIssuers(sound: Sound, at: number, ids: readonly string[], tell: Tell): void {
  const known = sound.each<string>('issuers', 'id').map(({ held }) => held)
  for (const [place, id] of ids.entries()) {
    const path = ['routes', at, 'issuers', place]
    if (!known.includes(id)) {
      const meant = optionChecks.nearest(id, known)
      tell({ path, message: `is the id of no issuer${meant}` })
    } else if (ids.indexOf(id) < place) tell({ path, message: 'stands there twice' })
  }
  const chosen = sound.issuers.flatMap(({ held }) => (ids.includes(held.id) ? [held] : []))
  checkSet(chosen, ['routes', at, 'issuers'], tell)
}

// Routes that name no issuers trust all of them.
function checkDefaultSet(sound: Sound, tell: Tell): void {
  const { routes, issuers } = sound
  const asking = routes.find(({ held }) => held.issuers === undefined && held.allow !== 'anonymous')
  if (asking === undefined || sound.at('issuers') === undefined) return
  const path = ['issuers']
  if (issuers.length === 0) {
    tell({ path, message: `must not be empty: routes[${asking.at}] needs a token` })
  }
  checkSet(
    issuers.map(({ held }) => held),
    path,
    tell,
  )
}

/** What issuers cannot be trusted together. */
function checkSet(issuers: readonly IssuerConfig[], path: Path, tell: Tell): void {
  const opaque = issuers.filter(takesOpaque).map(({ id }) => id)
  if (opaque.length > 1) {
    const message =
      `has more than one issuer to ask about a token that is no JWT (${opaque.join(', ')}): ` +
      'nobody can tell whose it is'
    tell({ path, message })
  }
  const urls = issuers.map(({ issuer }) => issuer)
  const twice = issuers.find(({ issuer }, at) => urls.indexOf(issuer) < at)
  if (twice !== undefined) {
    const message = `has the same issuer twice (${twice.id}): nobody can tell which of them to go by`
    tell({ path, message })
  }
}

/**
 * A route that an earlier one covers is an error and no warning: it is mostly the stricter one, whose
 * conditions somebody believes in.
 */
function checkReach(sound: Sound, tell: Tell): void {
  const routes = reachesOf(sound)
  for (const [place, narrow] of routes.entries()) {
    const wider = routes.slice(0, place).find((earlier) => isWider(earlier, narrow))
    if (wider === undefined) continue
    const message = `is never reached: routes[${wider.at}] comes before it and fits every request that it fits`
    tell({ path: ['routes', narrow.at], message })
  }
}

/** The requests that a route is for. */
interface Reach {
  readonly at: number
  readonly pattern: Pattern
  readonly hosts: readonly string[] | undefined
  readonly methods: readonly string[] | undefined
}

// Whatever else is wrong with a route.
const reachesOf = (sound: Sound): readonly Reach[] =>
  sound.each<string>('routes', 'path').flatMap(({ at, held }) => {
    const pattern = readPattern(held)
    const isKnown = sound.isClean('routes', at, 'host') && sound.isClean('routes', at, 'methods')
    if (typeof pattern === 'string' || !isKnown) return []
    const hosts = hostsOf(sound.at<RouteConfig['host']>('routes', at, 'host'))
    return [{ at, pattern, hosts, methods: sound.at<readonly string[]>('routes', at, 'methods') }]
  })

const isWider = (wide: Reach, narrow: Reach): boolean =>
  covers(wide.pattern, narrow.pattern) &&
  holds(wide.methods, narrow.methods) &&
  holds(wide.hosts, narrow.hosts)

// Without a list, everything is in it.
const holds = (
  wide: readonly string[] | undefined,
  narrow: readonly string[] | undefined,
): boolean => wide === undefined || (narrow?.every((one) => wide.includes(one)) ?? false)
