import { readPassword, readUsername } from '../direct/input.ts'
import { failed } from './failure.ts'
import { recordOf } from './json.ts'
import type { AuthnCall } from './options.ts'
import { canceller, infoOf, need, optional, proceed, refuse, type Place } from './place.ts'
import type {
  ChangePassword,
  PasswordExpiredStep,
  PasswordResetStep,
  PasswordWarnStep,
  UnauthenticatedStep,
} from './steps.ts'

export const makeUnauthenticated = (place: Place): UnauthenticatedStep => {
  const next = need(place, place.reading.next)
  return {
    ...infoOf(place),
    ...canceller(place),
    status: 'UNAUTHENTICATED',
    signIn: async (input, call) => {
      const username = readUsername(input.username)
      const password = readPassword(input.password)
      const doing = { act: 'sign-in', call } as const
      if (username === undefined) return refuse(place, doing, 'username')
      const named: Place = { ...place, username }
      if (password === undefined) return refuse(named, doing, 'password')
      return proceed(named, next, { ...doing, fields: { username, password }, counts: 'guess' })
    },
  }
}

export const makeWarn = (place: Place): PasswordWarnStep => {
  const { reading } = place
  const days: unknown = recordOf(reading.policy?.['expiration'])?.['passwordExpireDays']
  return {
    ...infoOf(place),
    ...canceller(place),
    status: 'PASSWORD_WARN',
    policy: reading.policy,
    expiresInDays: typeof days === 'number' ? days : undefined,
    ...changer(place),
    skip: optional(place, reading.skip, { act: 'skip' }),
  }
}

export const makeExpired = (place: Place): PasswordExpiredStep => ({
  ...infoOf(place),
  ...canceller(place),
  status: 'PASSWORD_EXPIRED',
  policy: place.reading.policy,
  ...changer(place),
})

function changer(place: Place): ChangePassword {
  const { passwordPage } = place.reading
  if (passwordPage !== undefined) {
    return { passwordPage, changePassword: async () => failed('not_permitted') }
  }
  const next = need(place, place.reading.next)
  return {
    passwordPage,
    changePassword: async (input, call) => {
      const oldPassword = readPassword(input.oldPassword)
      const newPassword = readPassword(input.newPassword)
      const doing = { act: 'change-password', call } as const
      if (oldPassword === undefined) return refuse(place, doing, 'oldPassword')
      if (newPassword === undefined) return refuse(place, doing, 'newPassword')
      return proceed(place, next, {
        ...doing,
        fields: { oldPassword, newPassword },
        counts: 'guess',
      })
    },
  }
}

export const makeReset = (place: Place): PasswordResetStep => {
  const next = need(place, place.reading.next)
  return {
    ...infoOf(place),
    ...canceller(place),
    status: 'PASSWORD_RESET',
    policy: place.reading.policy,
    resetPassword: async (input, call?: AuthnCall) => {
      const newPassword = readPassword(input.newPassword)
      const doing = { act: 'reset-password', call } as const
      if (newPassword === undefined) return refuse(place, doing, 'newPassword')
      return proceed(place, next, { ...doing, fields: { newPassword } })
    },
  }
}
