import type { Person } from '../people.ts'
import { readJson, type Answer, type Call } from '../wire.ts'
import { personOf, require, textOf, type Desk } from './desk.ts'
import { invalidBody, updateFailed, weakPassword } from './errors.ts'
import { advance } from './policy.ts'

/** `POST /credentials/change_password`. */
export function changePassword(desk: Desk, call: Call): Answer {
  const body = readJson(call)
  const transaction = require(desk, body, 'PASSWORD_WARN', 'PASSWORD_EXPIRED')
  const person = personOf(transaction)
  if (textOf(body, 'oldPassword') !== person.password) {
    throw updateFailed('Old Password is not correct')
  }
  setPassword(desk, person, textOf(body, 'newPassword'))
  return advance(desk, transaction)
}

/** `POST /credentials/reset_password`. */
export function resetPassword(desk: Desk, call: Call): Answer {
  const body = readJson(call)
  const transaction = require(desk, body, 'PASSWORD_RESET')
  setPassword(desk, personOf(transaction), textOf(body, 'newPassword'))
  transaction.used.push('password')
  return advance(desk, transaction)
}

function setPassword({ org }: Desk, person: Person, password: string | undefined): void {
  if (password === undefined) throw invalidBody('newPassword: The field cannot be left blank')
  if (password === person.password) {
    throw updateFailed('Password has been used too recently')
  }
  if (password.length < 8) throw weakPassword()
  Object.assign(person, { password, passwordChanged: org.now(), status: 'ACTIVE', failures: 0 })
}
