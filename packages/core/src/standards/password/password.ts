import {
  asGranted,
  checkWish,
  demandText,
  formOf,
  type Grant,
  type GrantWish,
} from '../../client/grant.ts'
import { text } from '../../lib/assert.ts'

/** Whoever switches the password grant on writes down what it does. */
export const passwordRisk = 'exposes-passwords-to-this-application'

/** What a person typed into a form of the application. */
export interface PasswordWish extends GrantWish {
  readonly username: string
  /** Sent once and kept nowhere. */
  readonly password: string
}

/** RFC 6749 §4.3, which RFC 9700 §2.4 forbids: for old applications until they have moved. */
export function password(wish: PasswordWish): Grant {
  checkWish('password', wish, { username: text, password: text })
  demandText('password.username', wish.username)
  demandText('password.password', wish.password)
  return {
    type: 'password',
    form: formOf(wish, { username: wish.username, password: wish.password }),
    granted: asGranted,
  }
}
