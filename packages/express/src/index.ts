import {
  demandPrincipal,
  isPromise,
  keepPrincipal,
  keptPrincipal,
  type Guard,
  type Handler,
  type OptionalPrincipalOf,
  type PrincipalOf,
  type Rule,
  type Verdict,
} from '@portcullis/core'
import { appendHeaders, fromNode, sendNode, type NodeView } from '@portcullis/core/node'
import type { Request, RequestHandler } from 'express'

export * from '@portcullis/core'

/**
 * Lets a request pass only where the guard and the rules grant it; a refusal or an outage goes to `next`.
 *
 * @example
 * app.get('/orders', protect(guard, hasScope('orders:read')), (req, res) => res.json({ of: principal(req).subject }))
 */
export function protect<C>(guard: Guard<C>, ...rules: readonly Rule<C>[]): RequestHandler {
  const ruled = guard.with(...rules)
  return (req, res, next) => {
    const settle = (verdict: Verdict<C>): void => {
      if (!verdict.granted) {
        return verdict.reply ? sendNode(res, verdict.reply) : next(verdict.refusal)
      }
      appendHeaders(res, verdict.headers)
      keepPrincipal(req, verdict.principal, ruled, req)
      next()
    }
    const verdict = ruled.check(fromNode(req, req, seen))
    if (isPromise(verdict)) verdict.then(settle).catch(next)
    else settle(verdict)
  }
}

/** Mounts a handler of the core, such as a login's routes; requests that are not its own go on. */
export const routes =
  (handler: Handler): RequestHandler =>
  (req, res, next) => {
    handler(fromNode(req, req, seen))
      .then((reply) => (reply === undefined ? next() : sendNode(res, reply)))
      .catch(next)
  }

/** Who is calling; with the guard named, its claims are typed. Throws where no `protect` let the request in. */
export const principal: PrincipalOf<Request> = demandPrincipal

/** Who is calling, or `undefined` for a request that an optional guard let in without a credential. */
export const optionalPrincipal: OptionalPrincipalOf<Request> = keptPrincipal

const seen: NodeView<Request> = {
  url: (req) => `${req.protocol}://${host(req)}${req.originalUrl}`,
  body: (req) => req.body as unknown,
}

// `req.host` loses the port in Express 4. X-Forwarded-Host counts only where the application trusts the peer.
function host(req: Request): string {
  const trusts: unknown = req.app.get('trust proxy fn')
  const trusted = typeof trusts === 'function' && trusts(req.socket.remoteAddress, 0) === true
  const forwarded = trusted ? req.get('x-forwarded-host')?.split(',')[0]?.trim() : undefined
  return forwarded || req.get('host') || 'unknown.invalid'
}
