import type { IssuerSnapshot, Rule, Runtime, SenderConstraint } from '@portcullis/core'
import type { GatewayConfig } from './config/config.ts'
import type { Identity } from './identity/identity.ts'
import type { RouteTable } from './routing/route.ts'
import type { SigningKeys } from './identity/signing-keys.ts'
import type { Heritage } from './heritage.ts'

/** What only code can bring: it stays when the configuration is loaded anew. */
export interface GatewayExtension extends Runtime {
  /** Sender constraints (DPoP, mutual TLS) for every route. */
  readonly constraints?: readonly SenderConstraint[]
  /** Rules that routes name under `custom`. */
  readonly rules?: Readonly<Record<string, Rule>>
}

/** What the processes of one program have in common besides. */
export interface Equipment extends GatewayExtension {
  /** Keys of the internal token. Default: this configuration has its own. */
  readonly signingKeys?: SigningKeys
  /** Metadata and keys of issuers, as another process had them. */
  readonly snapshots?: readonly IssuerSnapshot[]
}

/** A configuration made ready: one immutable object that is swapped as a whole. */
export interface Compiled {
  readonly config: GatewayConfig
  readonly table: RouteTable
  readonly identity: Identity
  /** Seconds. */
  readonly deadline: number
  readonly preflight: boolean
  /** Fetches metadata and keys of every issuer; rejects with an `Outage`. */
  prewarm(): Promise<void>
  /** The same of what the configuration before it did not have; what it had is known, or nobody misses it. */
  prepare(): Promise<void>
  /** Metadata and keys that are known now, for another process. */
  snapshots(): Promise<readonly IssuerSnapshot[]>
  /** For the configuration after this one. */
  readonly heritage: Heritage
  /** Whether the tokens of every issuer could be validated now. */
  health(): CompiledHealth
  /** Lets go of what it holds open (Redis). */
  close(): Promise<void>
}

/** Whether tokens could be validated now. */
export interface CompiledHealth {
  /** Of every issuer, and with Redis where it is needed. */
  readonly ok: boolean
  readonly issuers: readonly GatewayIssuerHealth[]
  /** Whether Redis answers; absent where none is configured, or it was not needed yet. */
  readonly redis?: boolean
}

/** How the keys of an issuer fare. */
export interface GatewayIssuerHealth {
  readonly issuer: string
  /** Whether its tokens could be validated now. */
  readonly ok: boolean
  /** Seconds since its keys were fetched; absent before, and where they are not needed. */
  readonly age?: number | undefined
}
