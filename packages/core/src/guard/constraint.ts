import { ConfigurationError } from '../errors/configuration.ts'
import { refuse, type Refusal } from '../errors/refusal.ts'
import { shown } from '../http/challenge.ts'
import type { HeaderField } from '../http/reply.ts'
import type { HttpRequest } from '../http/request.ts'
import { checkOptions, fn, record, text } from '../lib/assert.ts'
import { andThen, type MaybePromise } from '../lib/maybe-promise.ts'
import type { Credential } from './credential.ts'
import type { Claims } from '../lib/claims.ts'
import type { AccessToken } from './token.ts'

/** What a constraint may know of a token. */
export type GenuineToken = Omit<AccessToken<unknown>, 'rules'>

/** Proves that a token is used by the client it was issued to: DPoP, mutual TLS. */
export interface SenderConstraint {
  /** The member of `cnf` that this constraint proves, for example `jkt`. */
  readonly confirmation: string
  /** An `Authorization` scheme of its own, for example `DPoP`, accepted besides `Bearer`. */
  readonly scheme?: string
  /** Parameters of that scheme's challenge, for example `algs`. */
  readonly challenge?: Readonly<Record<string, string>>
  /**
   * Throws (or rejects with) a `Refusal` unless the request proves possession. Asked for every token
   * that carries the confirmation and for every credential of the scheme, and never answered from a
   * cache. The fields that it returns are sent with the response.
   */
  prove(
    request: HttpRequest,
    token: GenuineToken,
    credential: Credential,
  ): MaybePromise<readonly HeaderField[] | undefined>
}

/** Checks what a programmer handed in; members of its own beside these are the constraint's business. */
export function checkConstraint({
  confirmation,
  scheme,
  challenge,
  prove,
}: SenderConstraint): void {
  const members = { confirmation, scheme, challenge, prove }
  checkOptions('guard.constraints[]', members, {
    confirmation: text,
    scheme: text,
    challenge: record,
    prove: fn,
  })
  if (text(confirmation) !== undefined || fn(prove) !== undefined) {
    throw new ConfigurationError('guard.constraints[] must have confirmation and prove')
  }
}

const noFields: readonly HeaderField[] = []

/** Has every constraint that concerns a token proven. A bound token that nobody proves is refused. */
export function proveOwner(
  constraints: readonly SenderConstraint[],
  request: HttpRequest,
  token: GenuineToken,
  credential: Credential,
): MaybePromise<readonly HeaderField[]> {
  const { confirmation } = token
  if (confirmation === undefined && credential.scheme === 'bearer') return noFields
  const concerned = constraints.filter(
    (constraint) =>
      constraint.scheme?.toLowerCase() === credential.scheme ||
      (confirmation !== undefined && Object.hasOwn(confirmation, constraint.confirmation)),
  )
  if (concerned.length === 0) throw unproven(confirmation, token.issuer)
  return proveAll(concerned, request, token, credential)
}

function proveAll(
  [first, ...others]: readonly SenderConstraint[],
  request: HttpRequest,
  token: GenuineToken,
  credential: Credential,
): MaybePromise<readonly HeaderField[]> {
  if (first === undefined) return noFields
  return andThen(first.prove(request, token, credential), (fields = noFields) =>
    andThen(proveAll(others, request, token, credential), (more) => [...fields, ...more]),
  )
}

const unproven = (confirmation: Claims | undefined, issuer: string): Refusal =>
  refuse(
    'token_unbound',
    `The token is bound by ${
      Object.keys(confirmation ?? {})
        .slice(0, 5)
        .map(shown)
        .join(', ') || 'an empty cnf'
    }, and no enabled constraint proves that.`,
    { trail: { check: 'constraint', issuer } },
  )
