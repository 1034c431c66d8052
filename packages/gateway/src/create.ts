import type { Writable } from 'node:stream'
import { optionChecks, type Handler } from '@portcullis/core'
import type { Check } from './check/check.ts'
import type { CompiledHealth, GatewayExtension } from './compiled.ts'
import type { GatewayConfig, ListenerConfig } from './config/config.ts'
import { readConfig } from './config/read.ts'
import { handlerFor } from './listen/handler.ts'
import { httpDialect, type HttpDialectName, type ListeningOn } from './listeners.ts'
import { drain } from './operate/drain.ts'
import { createLineLog } from './operate/log.ts'
import { observedCheck } from './operate/observe.ts'
import { createReception } from './operate/reception.ts'
import { createSolo } from './operate/solo.ts'

/** What a gateway takes from the program around it. */
export interface GatewayOptions extends GatewayExtension {
  /** Where the lines of the log go. Default: standard output. */
  readonly output?: Writable
}

const { checkOptions, fn, listOf, record } = optionChecks

const optionsKnown: Readonly<Record<keyof GatewayOptions, optionChecks.Check>> = {
  output: (value) =>
    typeof value === 'object' && value !== null && 'write' in value
      ? undefined
      : 'must be a stream to write to',
  constraints: listOf(record),
  rules: (value) => record(value) ?? listOf(fn)(Object.values(value ?? {})),
  fetch: fn,
  now: fn,
}

/** A gateway in your own process. */
export interface Gateway {
  /** Decides on what a client asked, for dialects of your own. */
  readonly check: Check
  /**
   * A dialect as a handler, for a server of yours: `routes(gateway.handler('nginx'))`. It answers whatever
   * reaches it, and nobody looks at `peers` there: only proxies may reach that server, because whoever
   * asks gets what upstreams are told. `pathPrefix` is that of Envoy, as in the configuration.
   */
  handler(dialect: HttpDialectName, options?: Pick<ListenerConfig, 'pathPrefix'>): Handler
  /** Metadata and keys of the internal token as a handler; answers nothing else. */
  readonly keysHandler: Handler
  /** Opens every configured address, that of the probes included. */
  listen(): Promise<readonly ListeningOn[]>
  /** Where the probes are; absent before `listen` and without `admin`. */
  readonly adminAddress: string | undefined
  /** Fetches metadata and keys, so that no request waits for them. Rejects with an `Outage`. */
  prewarm(): Promise<void>
  /** Takes over another configuration as a whole; where that fails it rejects, and the one before goes on. */
  reload(config: GatewayConfig): Promise<void>
  /** For readiness probes. Answers at once; keys that are due are fetched in the background. */
  health(): GatewayHealth
  /** In the text format of Prometheus. */
  metrics(): Promise<string>
  /** Not ready for the configured delay, then as `close`. */
  drain(): Promise<void>
  /** Takes no new connections, finishes what is on the way within the configured grace, and ends. */
  close(): Promise<void>
}

/** How a gateway fares. */
export interface GatewayHealth extends CompiledHealth {
  /** Why no requests should come; none where all is well. */
  readonly reasons: readonly string[]
}

/**
 * Makes a gateway in your own Node process. `workers` of the configuration is for the program alone.
 *
 * @example
 * const gateway = createGateway({
 *   listen: [{ dialect: 'nginx', tcp: '127.0.0.1:9101' }],
 *   issuers: [{ id: 'main', issuer: 'https://id.example.com', audience: 'https://api.example.com' }],
 *   routes: [{ path: '/orders/**', rules: { scopes: ['orders:read'] } }],
 * })
 * await gateway.listen()
 */
export function createGateway(config: GatewayConfig, options: GatewayOptions = {}): Gateway {
  checkOptions('gateway', options, optionsKnown)
  const { output, ...extension } = options
  const log = createLineLog({
    ...(output && { stream: output }),
    ...(extension.now && { now: extension.now }),
  })
  const solo = createSolo(readConfig(config), extension, log)
  const { engine } = solo
  const reloads = { taken: 0, failed: 0 }
  let turn = Promise.resolve()
  const reception = createReception(solo, () => reloads)
  let adminAddress: string | undefined

  const finish = async (grace: number): Promise<void> => {
    await solo.finish(grace)
    await reception.close()
    await log.flush()
  }

  const takeOver = async (next: GatewayConfig): Promise<void> => {
    try {
      await solo.reload(readConfig(next))
      reloads.taken += 1
    } catch (error) {
      reloads.failed += 1
      throw error
    }
  }

  return {
    check: observedCheck(engine.check, engine.observer('code')),
    handler: (name, dialectOptions) =>
      handlerFor(httpDialect(name, dialectOptions), engine.check, engine.observer(name)),
    keysHandler: solo.handler,
    listen: async () => {
      await solo.listen()
      const { admin } = solo.config
      if (admin !== undefined) adminAddress ??= await reception.open(admin)
      return solo.addresses
    },
    get adminAddress() {
      return adminAddress
    },
    prewarm: engine.prewarm,
    reload: (next) => {
      // One after the other: what was asked for last is what is in use at the end.
      const mine = turn.then(() => takeOver(next))
      turn = mine.catch(() => undefined)
      return mine
    },
    health: () => {
      const health = engine.current().health()
      const reasons = solo.complaints()
      return { ...health, ok: reasons.length === 0, reasons }
    },
    metrics: reception.metrics,
    drain: () => drain(solo.config.drain ?? {}, { turnAway: solo.turnAway, finish }, log),
    close: () => finish(solo.config.drain?.grace ?? 10),
  }
}
