import type { HttpRequest } from './request.ts'

/**
 * Fetch Standard §4.8: what makes a request a preflight. It never carries a credential; what does is no
 * browser's, and must not get anywhere with one that nobody has looked at.
 */
export const isPreflight = (request: Pick<HttpRequest, 'method' | 'header'>): boolean =>
  request.method === 'OPTIONS' &&
  Boolean(request.header('origin')) &&
  Boolean(request.header('access-control-request-method')) &&
  request.header('authorization') === undefined
