import { ConfigurationError, createSealBox, type SealBox } from '@portcullis/core'
import type { AuthnParts, Kept } from './parts.ts'
import type { AuthnStep } from './steps.ts'

export function createBox(secrets: readonly string[] | undefined, purpose: string): () => SealBox {
  let made: SealBox | undefined
  return () => {
    if (secrets === undefined) {
      throw new ConfigurationError('authn.secrets is missing: it seals what leaves the process')
    }
    made ??= createSealBox(secrets, purpose)
    return made
  }
}

/** Seals what is behind a step. */
export function sealStep({ kept, box }: AuthnParts, step: AuthnStep): string {
  const found = kept.get(step)
  if (found === undefined) {
    throw new ConfigurationError(
      'a step must be the one of an answer, or what openStep() made: copies do not hold what is hidden',
    )
  }
  if (step.status === 'SUCCESS') {
    throw new ConfigurationError('a success is not sealed: use its session token at once')
  }
  return box().seal(new TextEncoder().encode(JSON.stringify(found)))
}

/** What was sealed, while the sign-in lasts. */
export function openKept({ box, now }: AuthnParts, sealed: string): Kept | undefined {
  const plain = typeof sealed === 'string' ? box().open(sealed) : undefined
  if (plain === undefined) return undefined
  // What opens was sealed by `sealStep`, which nobody else can: its shape is the one above.
  const kept = JSON.parse(plain.toString()) as Kept
  const { expiresAt } = kept.reading
  return expiresAt === undefined || expiresAt > now() ? kept : undefined
}
