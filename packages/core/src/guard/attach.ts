import { ConfigurationError } from '../errors/configuration.ts'
import { isRecord } from '../lib/own.ts'
import type { Rule } from './rule.ts'
import type { Guard } from './guard.ts'
import type { Principal } from './principal.ts'
import type { Claims } from '../lib/claims.ts'
import type { Granted } from './verdict.ts'

const slot = Symbol.for('portcullis.granted')
const beside = Symbol.for('portcullis.granted-beside')

interface Kept {
  readonly granted: Granted<unknown>
  readonly by: unknown
}

interface Slotted {
  [slot]?: Kept
}

/** Tells who is calling, or what stands for nobody; with the guard named, the claims are typed. */
export type PrincipalOf<Host, Nobody = never> = <C = Claims>(
  host: Host,
  guard?: Guard<C>,
) => Principal<C> | Nobody

/** For adapters: the guard with the rules of a route, or the mistake said clearly where something else was handed in. */
export function withRules<C>(guard: Guard<C>, rules: readonly Rule<C>[]): Guard<C> {
  const given: unknown = guard
  // A login has a `with` too.
  if (isRecord(given) && typeof given['with'] === 'function' && 'check' in given) {
    return guard.with(...rules)
  }
  throw new ConfigurationError(
    'protect() takes first a guard, made by createGuard(), and then rules',
  )
}

/** For adapters: keeps whom a guard has let pass, and shows it as `auth` where the host's users look for it. */
export function keepPrincipal<C>(
  host: object,
  granted: Granted<C>,
  guard: Guard<C>,
  shown?: object,
): void {
  const slotted: Slotted = host
  slotted[slot] = { granted, by: guard.verifier }
  // Whoever decided last is asked.
  keptBeside().delete(host)
  if (shown !== undefined) show(granted, shown)
}

/**
 * The same without a member on the host, for hosts like the request of Express: it was given another
 * prototype, after which every new member costs a hidden class of its own (docs/decisions/033).
 */
export function keepPrincipalBeside<C>(
  host: object,
  granted: Granted<C>,
  guard: Guard<C>,
  shown?: object,
): void {
  keptBeside().set(host, { granted, by: guard.verifier })
  if (shown !== undefined) show(granted, shown)
}

function show<C>({ principal }: Granted<C>, where: { auth?: unknown }): void {
  where.auth = principal
}

// One for all copies of this package, as the slot is.
function keptBeside(): WeakMap<object, Kept> {
  const shared = globalThis as { [beside]?: WeakMap<object, Kept> }
  return (shared[beside] ??= new WeakMap())
}

/** For adapters: the principal that was kept, or `undefined` where the guard let an anonymous request pass. */
export function keptPrincipal<C = Claims>(
  host: object,
  guard?: Guard<C>,
): Principal<C> | undefined {
  const kept = keptIn(host)
  if (guard !== undefined && guard.verifier !== kept.by) {
    throw new ConfigurationError(
      'the principal was let in by another guard than the one that is named',
    )
  }
  // Without a guard C is its default, Claims; with one, the same verifier made the claims.
  return kept.granted.principal as Principal<C> | undefined
}

/** The session of whoever was let in, or `undefined` where a token was presented, or nothing. */
export const keptSession = (host: object): object | undefined => keptIn(host).granted.session

function keptIn(host: Slotted): Kept {
  const given: unknown = host
  if (!isRecord(given)) {
    throw new ConfigurationError(
      'the request (or the ctx of Koa) that a route was given is missing',
    )
  }
  const kept = keptBeside().get(host) ?? host[slot]
  if (kept !== undefined) return kept
  throw new ConfigurationError('there is no principal: no protect() stands in front of this route')
}

/** For adapters: the principal, where the route cannot do without one. */
export function demandPrincipal<C = Claims>(host: object, guard?: Guard<C>): Principal<C> {
  const principal = keptPrincipal(host, guard)
  if (principal !== undefined) return principal
  throw new ConfigurationError('the request is anonymous: this route must ask optionalPrincipal()')
}
