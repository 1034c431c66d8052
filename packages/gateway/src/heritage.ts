import { isDeepStrictEqual } from 'node:util'
import type { GatewayConfig } from './config/config.ts'
import type { SharedTruth } from './redis/shared.ts'
import type { KnownVerifier } from './verify/verifiers.ts'

/**
 * What a configuration leaves to the one after it: keys, verified tokens and connections, where that one
 * says the same of them. So an outage of an issuer, or of Redis, stops no change that is not about it.
 */
export interface Heritage {
  readonly verifiers: readonly KnownVerifier[]
  readonly shared: Holding
}

/** What several gateways share, used by configurations in a row and closed by the last of them. */
export interface Holding {
  readonly truth: SharedTruth | undefined
  /** Whether a configuration says the same of it. */
  suits(config: GatewayConfig, deadline: number): boolean
  /** One more configuration uses it. */
  take(): void
  /** One less. */
  release(): Promise<void>
}

/** Holds what was opened for a configuration. */
export function createHolding(
  truth: SharedTruth | undefined,
  { redis }: GatewayConfig,
  deadline: number,
): Holding {
  let users = 0
  return {
    truth,
    suits: (config, other) => other === deadline && isDeepStrictEqual(config.redis, redis),
    take: () => {
      users += 1
    },
    release: async () => {
      users -= 1
      if (users === 0) await truth?.close()
    },
  }
}
