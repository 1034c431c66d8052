import type { Route, RouteTable } from '../routing/route.ts'
import type { Inquiry } from './inquiry.ts'

/**
 * Fetch Standard §4.8: what makes a request a preflight. It never carries a credential; what does is no
 * browser's, and must not reach an upstream with one that nobody has looked at.
 */
export const isPreflight = (inquiry: Inquiry): boolean =>
  inquiry.method === 'OPTIONS' &&
  Boolean(inquiry.header('origin')) &&
  Boolean(inquiry.header('access-control-request-method')) &&
  inquiry.header('authorization') === undefined

/**
 * The route that the announced request would take, where the preflight may pass. It may not where no
 * such route is there, nor where a route names OPTIONS itself: then that one decides.
 */
export function permitted(table: RouteTable, inquiry: Inquiry, path: string): Route | undefined {
  const own = table.find('OPTIONS', inquiry.host, path)
  if (own?.methods?.includes('OPTIONS') === true) return undefined
  return table.find(inquiry.header('access-control-request-method') ?? '', inquiry.host, path)
}
