import { ConfigurationError } from '@portcullis/core'
import type { RouteConfig } from '../config/config.ts'
import { readPattern, type Pattern } from '../routing/pattern.ts'
import { createCoverage, type Coverage } from './coverage.ts'
import { longestResource, resourcesOf, type Permitted } from './policy.ts'

/** A route as policies see it. */
interface Row {
  readonly pattern: Pattern
  readonly methods: readonly string[]
}

/** What may be called, for every token. */
export interface RouteMap {
  /** What a policy says for routes that may be called or not; nothing where it could not say it. */
  permitted(mayCall: readonly boolean[]): readonly Permitted[] | undefined
  /** Whether a route of the API, by its key, has one answer for all of its methods and paths, this method among them. */
  isUniform(routeKey: string, method: string, mayCall: readonly boolean[]): boolean
}

const methods = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT']

/** Reads the routes; with `resources` only the API's own routes can be asked for. */
export function createRouteMap(
  routes: readonly RouteConfig[],
  resources: readonly string[] | 'routes' | undefined,
): RouteMap {
  const rows = routes.map(rowOf)
  const keys = resources === 'routes' ? rows : resources?.map(readRouteKey)
  const coverages = new Map(
    methods.map((method) => [method, coverageOf(rows, keys, method)] as const),
  )
  const byRouteKey = new Map<string, ReadonlyMap<string, Part>>()
  const partsOf = (routeKey: string): ReadonlyMap<string, Part> => {
    const key = readRouteKey(routeKey)
    return new Map(key.methods.map((method) => [method, coverageOf(rows, [key], method)]))
  }
  return {
    permitted: (mayCall) => {
      const found: Permitted[] = []
      for (const [method, { coverage, places }] of coverages) {
        const globs = coverage.globs(places.map((at) => mayCall[at] === true))
        if ('wrong' in globs) return undefined
        found.push({ method, ...globs })
      }
      return found
    },
    isUniform: (routeKey, method, mayCall) => {
      const parts = byRouteKey.get(routeKey) ?? partsOf(routeKey)
      byRouteKey.set(routeKey, parts)
      // `ANY /orders` is one key for all methods, and so is what is remembered under it.
      const answers = [...parts.values()].flatMap(({ coverage, places }) => [
        ...coverage.answers(places.map((at) => mayCall[at] === true)),
      ])
      return parts.has(method) && new Set(answers).size <= 1
    },
  }
}

interface Part {
  readonly coverage: Coverage
  /** The rows that are for this method, by their places among all. */
  readonly places: readonly number[]
}

function coverageOf(rows: readonly Row[], keys: readonly Row[] | undefined, method: string): Part {
  const places = rows.flatMap((row, at) => (row.methods.includes(method) ? [at] : []))
  const patterns = places.flatMap((at) => rows[at]?.pattern ?? [])
  const universe = keys?.filter((key) => key.methods.includes(method)).map(({ pattern }) => pattern)
  return { coverage: createCoverage(patterns, universe), places }
}

/** Finds out before the first request whether some token would need what no policy can say. */
export function checkSayable(map: RouteMap, routes: readonly RouteConfig[]): void {
  const all = routes.map(() => true)
  const open = routes.map(({ allow }) => allow === 'anonymous')
  const trials = [
    all,
    ...routes.map((_, at) => all.with(at, open[at] === true)),
    ...routes.map((_, at) => open.with(at, true)),
  ]
  if (trials.every((mayCall) => map.permitted(mayCall) !== undefined)) return
  throw new ConfigurationError(
    'lambda.routes cannot be said in one policy, whose * takes slashes too: list the routes of your API in lambda.resources, or set lambda.ttl and the cache of the authorizer to 0',
  )
}

function rowOf({ path, methods: named, host }: RouteConfig, at: number): Row {
  const where = `lambda.routes[${at}]`
  if (host !== undefined)
    throw new ConfigurationError(`${where}.host: an answer is remembered for all hosts of an API`)
  return { pattern: patternOf(path, `${where}.path`), methods: named ?? methods }
}

function patternOf(path: string, where: string): Pattern {
  const pattern = readPattern(path)
  if (typeof pattern === 'string') throw new ConfigurationError(`${where} ${pattern}`)
  if (pattern.segments.some((segment) => segment !== undefined && /[*?$]/.test(segment))) {
    throw new ConfigurationError(`${where} must not hold *, ? or $, which mean more in a policy`)
  }
  // Leaves room for the ARN of the stage.
  if (resourcesOf(pattern).some((resource) => resource.length > longestResource - 128)) {
    throw new ConfigurationError(`${where} is longer than a policy can hold`)
  }
  return pattern
}

/** Reads a route of an API in AWS's words: `GET /orders/{id}`, `ANY /files/{proxy+}`, `$default`. */
function readRouteKey(key: string): Row {
  if (key === '$default') return { pattern: { segments: [], rest: true }, methods }
  const [, method = '', path = ''] = /^([A-Z]+) (\/\S*)$/.exec(key) ?? []
  const segments = path.replace(/\/\{[^/{}]+\+\}$/, '/**')
  const named = segments.replaceAll(/\{[^/{}]+\}/g, '{x}')
  if (method === '') {
    throw new ConfigurationError(
      `lambda.resources[] must be such as "GET /orders/{id}" or "$default"`,
    )
  }
  return {
    pattern: patternOf(named, 'lambda.resources[]'),
    methods: method === 'ANY' ? methods : [method],
  }
}
