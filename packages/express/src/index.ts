import {
  demandPrincipal,
  isPromise,
  keepPrincipalBeside,
  keptPrincipal,
  withRules,
  type Guard,
  type Handler,
  type PrincipalOf,
  type Rule,
  type Verdict,
} from '@portcullis/core'
import { appendHeaders, fromNode, sendNode, type NodeView } from '@portcullis/core/node'
import type { NextFunction, Request, RequestHandler, Response } from 'express'

export * from '@portcullis/core'

/** A middleware that leaves the types of a route alone: its parameters, its query, its body. */
export type Protection = (req: Seen, res: Response, next: NextFunction) => void

/**
 * Lets a request pass only where the guard and the rules grant it; a refusal or an outage goes to `next`.
 *
 * @example
 * app.get('/orders', protect(guard, hasScope('orders:read')), (req, res) => res.json({ of: principal(req).subject }))
 */
export function protect<C>(guard: Guard<C>, ...rules: readonly Rule<C>[]): Protection {
  const ruled = withRules(guard, rules)
  return (req, res, next) => {
    const settle = (verdict: Verdict<C>): void => {
      if (!verdict.granted)
        return verdict.reply ? sendNode(res, verdict.reply) : next(verdict.refusal)
      appendHeaders(res, verdict.headers)
      keepPrincipalBeside(req, verdict, ruled, req)
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
export const principal: PrincipalOf<Seen> = demandPrincipal

/** Who is calling, or `undefined` for a request that an optional guard let in without a credential. */
export const optionalPrincipal: PrincipalOf<Seen, undefined> = keptPrincipal

// What every request has, whatever its route calls its parameters, and however it types its query.
type Seen = Parameters<typeof fromNode>[0] &
  Pick<Request, 'app' | 'body' | 'get' | 'originalUrl' | 'protocol' | 'res'>

const seen: NodeView<Seen> = {
  address: (req) => ({ protocol: req.protocol, host: host(req), target: req.originalUrl }),
  body: (req) => req.body as unknown,
  response: (req) => req.res,
}

// `req.host` loses the port in Express 4. X-Forwarded-Host counts only where the application trusts the peer.
function host(req: Seen): string | undefined {
  const trusts: unknown = req.app.get('trust proxy fn')
  const trusted = typeof trusts === 'function' && trusts(req.socket.remoteAddress, 0) === true
  return (trusted && req.get('x-forwarded-host')) || req.get('host')
}
