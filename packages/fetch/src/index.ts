import {
  bodyReaders,
  demandPrincipal,
  errorReply,
  keepPrincipal,
  keptPrincipal,
  lateFields,
  withRules,
  type Guard,
  type Handler,
  type PrincipalOf,
  type Reply,
  type Rule,
} from '@portcullis/core'

export * from '@portcullis/core'

/** A function that answers web requests; what a host passes besides the request is handed on. */
export type FetchHandler<Rest extends readonly unknown[]> = (
  request: Request,
  ...rest: Rest
) => Response | Promise<Response>

/** Wraps a handler, so that it sees only requests that the guard and the rules grant. */
export type Protection = <Rest extends readonly unknown[]>(
  handler: FetchHandler<Rest>,
) => (request: Request, ...rest: Rest) => Promise<Response>

/**
 * Lets a request pass to the handler only where the guard and the rules grant it; the others are answered here.
 *
 * @example
 * const orders = protect(guard, hasScope('orders:read'))((request) => Response.json({ of: principal(request).subject }))
 */
export function protect<C>(guard: Guard<C>, ...rules: readonly Rule<C>[]): Protection {
  const ruled = withRules(guard, rules)
  return (handler) =>
    async (request, ...rest) => {
      const seen = view(request)
      try {
        const verdict = await ruled.check(seen)
        if (!verdict.granted) return toResponse(verdict.reply ?? errorReply(verdict.refusal))
        keepPrincipal(request, verdict, ruled)
        seen.response.append(verdict.headers)
        return withHeaders(await handler(request, ...rest), seen.close())
      } catch (error) {
        return withHeaders(toResponse(errorReply(error)), seen.close())
      }
    }
}

/** Answers with a handler of the core, or `undefined` for requests that are not its own. */
export const routes =
  (handler: Handler) =>
  (request: Request): Promise<Response | undefined> => {
    const seen = view(request)
    return handler(seen).then((reply) => reply && withHeaders(toResponse(reply), seen.close()))
  }

/** Who is calling; with the guard named, its claims are typed. Throws where no `protect` let the request in. */
export const principal: PrincipalOf<Request> = demandPrincipal

/** Who is calling, or `undefined` for a request that an optional guard let in without a credential. */
export const optionalPrincipal: PrincipalOf<Request, undefined> = keptPrincipal

const toResponse = ({ status, headers, body }: Reply): Response =>
  new Response(body ?? null, { status, headers: headers.map(([name, value]) => [name, value]) })

// A copy, because the headers of some responses cannot be changed.
function withHeaders(response: Response, fields: Reply['headers']): Response {
  const answer = fields.length === 0 ? response : new Response(response.body, response)
  for (const [name, value] of fields) answer.headers.append(name, value)
  return answer
}

const view = (request: Request) => ({
  ...lateFields(),
  method: request.method,
  url: request.url,
  header: (name: string) => request.headers.get(name) ?? undefined,
  // A body that was read cannot be read again.
  ...bodyReaders(() => (request.bodyUsed ? undefined : request.clone().body)),
})
