import type { RouteConfig } from './config.ts'

/** The name of a route; `route-1` is the first. */
export const routeId = (id: string | undefined, index: number): string => id ?? `route-${index + 1}`

/** The hosts of a route; none where it is for any. */
export const hostsOf = (host: RouteConfig['host']): readonly string[] | undefined =>
  typeof host === 'string' ? [host] : host
