import { createGuard, type Guard, type HttpRequest, type Principal } from '@portcullis/core'
import { createClock, createTokenIssuer } from '@portcullis/testkit'
import type { Clock, Overrides, TokenIssuer } from '@portcullis/testkit'
import type { Route } from '../../packages/gateway/src/routing/route.ts'

/** An issuer, a clock that stands still, and the principals of tokens as a gateway's guard makes them. */
export interface Callers {
  readonly clock: Clock
  readonly issuer: TokenIssuer
  /** Who presents a token with these claims. */
  readonly caller: (claims?: Overrides) => Promise<Principal>
  /** Who presents this token. */
  readonly bearer: (token: string) => Promise<Principal>
}

/** The time at which the clock stands, in epoch seconds. */
export const start = 1_800_000_000

export function createCallers(): Callers {
  const clock = createClock(start * 1000)
  const issuer = createTokenIssuer({ algorithm: 'ES256', now: clock.now })
  const guard = createGuard(issuer.guardOptions)
  const bearer = (token: string) => principalOf(guard, token)
  const caller = async (claims?: Overrides) => bearer(await issuer.issueToken(claims))
  return { clock, issuer, caller, bearer }
}

async function principalOf(guard: Guard, token: string): Promise<Principal> {
  const verdict = await guard.check(
    request('https://api.test/', { authorization: `Bearer ${token}` }),
  )
  if (!verdict.granted) throw verdict.refusal
  if (verdict.principal === undefined) throw new Error('nobody')
  return verdict.principal
}

/** A request as the port has it. */
export const request = (
  url: string,
  fields: Readonly<Record<string, string>> = {},
  method = 'GET',
): HttpRequest => ({
  method,
  url,
  header: (name) => fields[name],
  form: () => Promise.resolve(new URLSearchParams()),
})

/** A route to an upstream. */
export const routeTo = (upstream: string | undefined): Route => ({
  id: 'route-1',
  guard: undefined,
  upstream,
  lasting: true,
})
