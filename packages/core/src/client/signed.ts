import type { Claims } from '../lib/claims.ts'

/** A JWT whose signature was checked with the issuer's keys; nothing else of it was. */
export interface SignedJwt {
  /** `typ` in lower case and without `application/`. */
  readonly type: string | undefined
  readonly algorithm: string
  readonly claims: Claims
}

/**
 * Opens a JWT of the issuer, decrypting it first where it is encrypted. Rejects with a `Refusal` of the
 * codes `token_*`, or with an `Outage` where the keys cannot be had.
 */
export type SignedReader = (token: string) => Promise<SignedJwt>
