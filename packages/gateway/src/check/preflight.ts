import type { Route, RouteTable } from '../routing/route.ts'
import type { Inquiry } from './inquiry.ts'

/**
 * The route that the announced request would take, where the preflight may pass. It may not where no
 * such route is there, nor where a route names OPTIONS itself: then that one decides.
 */
export function permitted(table: RouteTable, inquiry: Inquiry, path: string): Route | undefined {
  const own = table.find('OPTIONS', inquiry.host, path)
  if (own?.methods?.includes('OPTIONS') === true) return undefined
  return table.find(inquiry.header('access-control-request-method') ?? '', inquiry.host, path)
}
