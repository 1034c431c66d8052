import { Refusal } from '@portcullis/core'

/** What of a call does not hold. */
export type Fault =
  | 'credential'
  | 'issuer'
  | 'signature'
  | 'type'
  | 'audience'
  | 'client'
  | 'times'
  | 'jti'
  | 'replay'
  | 'body'
  | 'unknown'

const statuses: Readonly<Partial<Record<string, number>>> = { body: 400, unknown: 404 }

/** The refusal of a call; `why` goes on after "The call of Universal Logout does not hold:". */
export const refused = (check: Fault, why: string, cause?: unknown): Refusal =>
  new Refusal('logout_token_refused', `The call of Universal Logout does not hold: ${why}.`, {
    trail: { check },
    ...(cause !== undefined && { cause }),
  })

/** What Okta is answered. */
export const statusOf = ({ trail: { check = '' } }: Refusal): number => statuses[check] ?? 401
