import { ConfigurationError } from '@portcullis/core'
import { matcherOf, readPattern, type Pattern } from './pattern.ts'
import type { Route, RouteTable } from './route.ts'

/** A route, and the requests that it is for. */
export interface RouteEntry {
  /** `/orders`, `/orders/{id}`, `/public/**`. */
  readonly path: string
  /** Lower case, without port. Default: any. */
  readonly hosts?: readonly string[] | undefined
  /** Default: any. */
  readonly methods?: readonly string[] | undefined
  readonly route: Route
}

interface Row {
  readonly matches: (path: string) => boolean
  /** The same for a path in lower case. */
  readonly matchesLower: (path: string) => boolean
  /** The pattern in lower case. */
  readonly lower: string
  readonly methods: ReadonlySet<string> | undefined
  readonly route: Route
}

/** Makes the table: the first entry that fits decides. */
export function createRouteTable(entries: readonly RouteEntry[]): RouteTable {
  const rows = entries.map((entry) => ({ entry, row: rowOf(entry) }))
  const rowsFor = (host: string | undefined): readonly Row[] =>
    rows.flatMap(({ entry, row }) =>
      entry.hosts === undefined || (host !== undefined && entry.hosts.includes(host)) ? [row] : [],
    )
  const hosts = new Set(entries.flatMap((entry) => entry.hosts ?? []))
  const byHost = new Map([...hosts].map((host) => [host, rowsFor(host)]))
  const anywhere = rowsFor(undefined)
  const hasUpper = entries.some(({ path }) => path !== path.toLowerCase())
  return {
    routes: entries.map(({ route }) => route),
    find: (method, host, path) => {
      for (const { matches, methods, route } of byHost.get(host) ?? anywhere) {
        if (matches(path) && (methods === undefined || methods.has(method))) return route
      }
      return undefined
    },
    slipsPast: (method, host, path) => {
      const lower = path.toLowerCase()
      if (lower === path && !hasUpper) return false
      const fitting = (byHost.get(host) ?? anywhere).filter(
        ({ methods, matchesLower }) =>
          (methods === undefined || methods.has(method)) && matchesLower(lower),
      )
      const [first] = fitting
      const found = fitting.find(({ matches }) => matches(path))
      // Whoever lists both spellings means two things by them.
      return found !== undefined && found.lower !== first?.lower
    },
  }
}

function rowOf({ path, methods, route }: RouteEntry): Row {
  const pattern = readPattern(path)
  if (typeof pattern === 'string') throw new ConfigurationError(`the path of a route ${pattern}`)
  return {
    matches: matcherOf(pattern),
    matchesLower: matcherOf(inLower(pattern)),
    lower: path.toLowerCase(),
    methods: methods && new Set(methods),
    route,
  }
}

const inLower = ({ segments, rest }: Pattern): Pattern => ({
  segments: segments.map((segment) => segment?.toLowerCase()),
  rest,
})
