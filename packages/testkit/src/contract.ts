import { bodies } from './contract/bodies.ts'
import { createBench } from './contract/bench.ts'
import { credentials } from './contract/credentials.ts'
import { decisions } from './contract/decisions.ts'
import { failures } from './contract/failures.ts'
import { handlers } from './contract/handlers.ts'
import { forgeries, locations } from './contract/locations.ts'
import { passes } from './contract/passes.ts'
import { http2 } from './contract/http2.ts'
import type { AdapterUnderTest, Runner } from './contract/adapter.ts'

export type { AdapterUnderTest, Capability, Reading, Runner, Setup } from './contract/adapter.ts'
export { testLock } from './contract/lock.ts'
export { testReplayStore } from './contract/replay-store.ts'
export { testRevocations } from './contract/revocations.ts'
export { testSessionStore } from './contract/session-store.ts'
export type { CreateStore, StoreUnderTest } from './contract/stores.ts'

const groups = { decisions, credentials, locations, forgeries, bodies, failures, passes, handlers }

/**
 * Proves an adapter over real sockets: registers one suite with any test runner.
 *
 * @example
 * import { describe, it } from 'vitest'
 * testAdapter({ name: 'My host', createApp: (setup) => … }, { describe, it })
 */
export function testAdapter(adapter: AdapterUnderTest, runner: Runner): void {
  runner.describe(`adapter: ${adapter.name}`, () => {
    const bench = createBench(adapter, runner)
    for (const [name, group] of Object.entries(groups)) runner.describe(name, () => group(bench))
    if (bench.can('http2')) runner.describe('http2', () => http2(bench))
  })
}
