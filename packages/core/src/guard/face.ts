import { plainFace, type Face } from '../http/challenge.ts'
import type { Authenticator } from './authenticator.ts'
import type { SenderConstraint } from './constraint.ts'

interface FaceOptions {
  readonly realm?: string
  readonly exposeReason?: boolean
  readonly constraints?: readonly SenderConstraint[]
}

/** RFC 6750 §3: Bearer, and one challenge for every scheme that a constraint or a login adds. */
export function createFace(
  { realm, exposeReason, constraints = [] }: FaceOptions,
  isForTokens: boolean,
  authenticator: Authenticator | undefined,
): Face {
  const added = constraints.flatMap(({ scheme, challenge = {} }) =>
    scheme === undefined ? [] : [{ name: scheme, parameters: challenge }],
  )
  const session = authenticator === undefined ? [] : [authenticator.scheme]
  const schemes = [...(isForTokens ? plainFace.schemes : []), ...added, ...session]
  const isPlain = realm === undefined && exposeReason !== true && schemes.length === 1
  if (isPlain && isForTokens) return plainFace
  return { realm, schemes, exposeReason: exposeReason === true }
}
