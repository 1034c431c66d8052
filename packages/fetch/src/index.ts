import {
  demandPrincipal,
  errorReply,
  keepPrincipal,
  keptPrincipal,
  readForm,
  withRules,
  type Guard,
  type Handler,
  type HeaderField,
  type HttpRequest,
  type OptionalPrincipalOf,
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
      try {
        const verdict = await ruled.check(view(request))
        if (!verdict.granted) return toResponse(verdict.reply ?? errorReply(verdict.refusal))
        keepPrincipal(request, verdict.principal, ruled)
        return withHeaders(await handler(request, ...rest), verdict.headers)
      } catch (error) {
        return toResponse(errorReply(error))
      }
    }
}

/** Answers with a handler of the core, or `undefined` for requests that are not its own. */
export const routes =
  (handler: Handler) =>
  async (request: Request): Promise<Response | undefined> => {
    const reply = await handler(view(request))
    return reply && toResponse(reply)
  }

/** Who is calling; with the guard named, its claims are typed. Throws where no `protect` let the request in. */
export const principal: PrincipalOf<Request> = demandPrincipal

/** Who is calling, or `undefined` for a request that an optional guard let in without a credential. */
export const optionalPrincipal: OptionalPrincipalOf<Request> = keptPrincipal

const toResponse = ({ status, headers, body }: Reply): Response =>
  new Response(body ?? null, { status, headers: headers.map(([name, value]) => [name, value]) })

// A copy, because the headers of some responses cannot be changed.
function withHeaders(response: Response, fields: readonly HeaderField[]): Response {
  if (fields.length === 0) return response
  const copy = new Response(response.body, response)
  for (const [name, value] of fields) copy.headers.append(name, value)
  return copy
}

const view = (request: Request): HttpRequest => ({
  method: request.method,
  url: request.url,
  header: (name) => request.headers.get(name) ?? undefined,
  // A body that was read cannot be read again.
  form: () => readForm(request.bodyUsed ? undefined : request.clone().body),
})
