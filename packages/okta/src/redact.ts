import { createHmac } from 'node:crypto'
import { ConfigurationError, isPromise, optionChecks } from '@portcullis/core'

/** What an audit event knows of a person. */
export interface PersonalEvent {
  readonly username: string | undefined
  readonly address: string | undefined
}

/** What stands for a person in an audit log. */
export interface Redaction {
  /** Stands for the user name; `pseudonym` makes one. Default: nothing does. */
  readonly username?: (username: string) => string | undefined
  /** Stands for the address of the browser. Default: nothing does. */
  readonly address?: (address: string) => string | undefined
}

/**
 * An observer that is told everything but who it was: for `observe` of direct authentication and of the
 * Authentication API, where a log must hold no personal data. What fails to redact leaves nothing behind.
 *
 * @example
 * createDirectAuthentication({ ...options, observe: redacted(log, { username: pseudonym(AUDIT_SECRET) }) })
 */
export function redacted<Event extends PersonalEvent>(
  observe: (event: Event) => void,
  redaction: Redaction = {},
): (event: Event) => void {
  optionChecks.checkOptions('redacted', redaction, {
    username: optionChecks.fn,
    address: optionChecks.fn,
  })
  return (event) =>
    observe({
      ...event,
      username: standIn(event.username, redaction.username),
      address: standIn(event.address, redaction.address),
    })
}

function standIn(
  value: string | undefined,
  make: ((value: string) => string | undefined) | undefined,
): string | undefined {
  if (value === undefined) return undefined
  try {
    const made: unknown = make?.(value)
    if (isPromise(made)) made.then(undefined, () => undefined)
    return typeof made === 'string' ? made : undefined
  } catch {
    return undefined
  }
}

/**
 * Makes the same 22 characters of the same name, in any case, which tell nothing to whoever lacks the
 * secret (at least 32 characters, random): attempts of one person can be counted without knowing who it is.
 */
export function pseudonym(secret: string): (name: string) => string {
  if (typeof secret !== 'string' || secret.length < 32) {
    throw new ConfigurationError('pseudonym takes a secret of at least 32 characters')
  }
  return (name) =>
    createHmac('sha256', secret)
      .update(name.normalize('NFKC').trim().toLowerCase())
      .digest()
      .subarray(0, 16)
      .toString('base64url')
}
