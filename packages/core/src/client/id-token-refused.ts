import { refuse, type Refusal } from '../errors/refusal.ts'

/** What the refusal of a JWT is where the JWT is an ID token. */
export const idTokenRefused = (cause: Refusal): Refusal =>
  refuse('id_token_refused', `The ID token does not hold. ${cause.reason}`, {
    trail: cause.trail,
    cause,
  })
