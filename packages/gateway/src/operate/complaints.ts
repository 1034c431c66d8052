import type { CompiledHealth } from '../compiled.ts'

/** Why a configuration cannot decide now. */
export function complaintsOf(health: CompiledHealth): readonly string[] {
  const issuers = health.issuers
    .filter(({ ok }) => !ok)
    .map(({ issuer }) => `no usable keys of ${issuer}`)
  if (issuers.length > 0 || health.ok) return issuers
  return ['redis cannot be reached']
}
