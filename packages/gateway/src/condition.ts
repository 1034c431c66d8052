import { within, type Guard, type IssuerHealth, type IssuerSnapshot } from '@portcullis/core'
import type { CompiledHealth, GatewayIssuerHealth } from './compiled.ts'
import type { SharedTruth } from './redis/shared.ts'
import type { ReadyIssuer } from './verify/issuers.ts'

/** Fetches what the first token of an issuer would wait for. Rejects with an `Outage`. */
export async function prewarmIssuer({ issuer, trusted, live }: ReadyIssuer): Promise<void> {
  await Promise.all([trusted && issuer.prewarm(), live?.prewarm?.()])
}

// Seconds. Known keys are there at once, unless they are past their time and asked for anew.
const patience = 1

/** Metadata and keys that are known now. What came over an insecure way is for no other configuration. */
export async function snapshotsOf(
  issuers: readonly ReadyIssuer[],
): Promise<readonly IssuerSnapshot[]> {
  const known = issuers.flatMap(({ issuer, config }) =>
    issuer.keys.age() !== undefined && config.allowInsecureIssuer !== true ? [issuer] : [],
  )
  const found = await Promise.all(
    known.map((issuer) => within(patience, issuer.snapshot()).catch(() => undefined)),
  )
  return found.flatMap((snapshot) => snapshot ?? [])
}

/** How issuers and Redis fare. Answers at once; keys that are due are fetched in the background. */
export function healthOf(
  guards: readonly Guard[],
  shared: SharedTruth | undefined,
): CompiledHealth {
  const known = new Map<string, IssuerHealth[]>()
  for (const one of guards.flatMap((guard) => guard.health().issuers)) {
    known.set(one.issuer, [...(known.get(one.issuer) ?? []), one])
  }
  const issuers = [...known].map(([issuer, all]) => ({ issuer, ...worst(all) }))
  const reached = shared?.reached()
  return {
    ok: issuers.every(({ ok }) => ok) && reached !== false,
    issuers,
    ...(reached !== undefined && { redis: reached }),
  }
}

function worst(all: readonly IssuerHealth[]): Omit<GatewayIssuerHealth, 'issuer'> {
  const ages = all.flatMap(({ age }) => age ?? [])
  return {
    ok: all.every(({ ok }) => ok),
    ...(ages.length > 0 && { age: Math.max(...ages) }),
  }
}
