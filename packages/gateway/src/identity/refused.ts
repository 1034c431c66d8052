import { Refusal } from '@portcullis/core'

/** The refusal of a request whose caller cannot be told to an upstream. Names the claim, never its value. */
export const unspeakable = (claim: string, issuer: string, why: string): Refusal =>
  new Refusal('claim_refused', `The claim ${claim} cannot be told to the upstream: ${why}.`, {
    trail: { check: 'identity', issuer },
  })
