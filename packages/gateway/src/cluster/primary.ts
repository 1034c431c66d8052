import type { Equipment } from '../compiled.ts'
import type { GatewayConfig } from '../config/config.ts'
import { exportSigningKeys, type RotatingKeys } from '../identity/signing-keys.ts'
import type { ListeningOn } from '../listeners.ts'
import { clearStale } from '../listen/unix.ts'
import { complaintsOf } from '../operate/complaints.ts'
import { createEngine } from '../operate/engine.ts'
import type { Fleet } from '../operate/fleet.ts'
import { createKeyring } from '../operate/keyring.ts'
import type { LineLog } from '../operate/log.ts'
import { warm } from '../operate/solo.ts'
import type { Warmth } from '../operate/warmth.ts'
import { createDesk } from './desk.ts'
import { createHands, type ForkedWorker } from './hands.ts'
import { relayFetch } from './relay-fetch.ts'

/** What a primary is made of. */
export interface PrimaryOptions {
  readonly config: GatewayConfig
  readonly count: number
  readonly log: LineLog
  readonly fork: () => ForkedWorker
  /** Default: the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch
}

/** Several processes that answer, under one that does not. */
export interface Primary extends Fleet {
  /** Starts the workers; rejects where an address cannot be had. */
  listen(): Promise<void>
}

// Milliseconds. New keys are published long before they sign.
const keyCheck = 30_000

/** Starts workers, and does for them what is to be done once. */
export function createPrimary({
  config: first,
  count,
  log,
  fork,
  ...options
}: PrimaryOptions): Primary {
  const fetch: typeof globalThis.fetch = options.fetch ?? ((...given) => globalThis.fetch(...given))
  const desk = createDesk({ fetch, now: () => Date.now(), timeout: 10 })
  const keyring = createKeyring()
  const relay = relayFetch((address) => desk.fetch(0, address), fetch)
  const equipment = (keys: RotatingKeys | undefined): Equipment => ({
    fetch: relay,
    ...(keys && { signingKeys: keys }),
  })
  let keys = keyring.keysFor(first)
  let handedOut = keys?.version
  let addresses: readonly ListeningOn[] = []
  let leaving = false
  let warmth: Warmth | undefined
  desk.trust(issuersOf(first))
  // It tries configurations and publishes keys; nobody asks it to decide.
  const engine = createEngine(first, equipment(keys), log)

  const hands = createHands({
    count,
    log,
    fork,
    fetch: desk.fetch,
    assignment: async (worker) => {
      const snapshots = await engine.current().snapshots()
      for (const { metadata } of snapshots)
        if (metadata.jwks_uri !== undefined) desk.handed(worker, metadata.jwks_uri)
      return {
        config: engine.current().config,
        keys: keys && exportSigningKeys(keys),
        snapshots,
      }
    },
    onBegun: (found) => {
      addresses = found
    },
  })

  const handOutKeys = (): void => {
    if (keys === undefined || keys.version === handedOut) return
    handedOut = keys.version
    hands.tell('adopt', exportSigningKeys(keys))
  }
  const keyTimer = setInterval(handOutKeys, keyCheck).unref()

  return {
    get addresses() {
      return addresses
    },
    get config() {
      return engine.current().config
    },
    get restarts() {
      return hands.restarts
    },
    get departed() {
      return hands.departed
    },
    handler: (request) => engine.current().identity.handler(request),
    listen: async () => {
      await Promise.all(first.listen.flatMap(({ unix }) => unix ?? []).map(clearStale))
      warmth = warm(engine, log)
      await hands.start()
    },
    reload: async (config) => {
      const nextKeys = keyring.keysFor(config)
      desk.trust([...issuersOf(engine.current().config), ...issuersOf(config)])
      try {
        await engine.reload(config, equipment(nextKeys))
      } finally {
        desk.trust(issuersOf(engine.current().config))
      }
      keys = nextKeys
      handedOut = keys?.version
      await hands.reload()
    },
    snapshots: hands.snapshots,
    complaints: () =>
      leaving ? ['draining'] : [...complaintsOf(engine.current().health()), ...hands.complaints()],
    turnAway: () => {
      leaving = true
      hands.tell('turnAway', undefined)
    },
    finish: async (grace) => {
      leaving = true
      clearInterval(keyTimer)
      warmth?.close()
      await hands.finish(grace)
      await engine.close()
    },
  }
}

const issuersOf = ({ issuers }: GatewayConfig): readonly string[] =>
  issuers.map(({ issuer }) => issuer)
