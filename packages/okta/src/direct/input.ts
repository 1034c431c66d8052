import type { WebAuthnAssertion } from './options.ts'

/** Gives an input as it is sent, or `undefined` where it cannot be right. */
export type Input<T = string> = (value: unknown) => T | undefined

const within = (value: unknown, least: number, most: number): value is string =>
  typeof value === 'string' && value.length >= least && value.length <= most

// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff\ufeff]/u

/** A login: what a person could have typed into one line. */
export const readUsername: Input = (value) => {
  if (typeof value !== 'string') return undefined
  const name = value.trim()
  return within(name, 1, 320) && !unprintable.test(name) ? name : undefined
}

// Okta takes 72 characters at most; some directories behind it more.
export const readPassword: Input = (value) =>
  within(value, 1, 512) && !unprintable.test(value) ? value : undefined

/** A one-time password: six to eight digits, or ten from a generator of the org's own, with or without the gap that apps show in the middle. */
export const readOtp: Input = (value) => {
  if (!within(value, 1, 40)) return undefined
  const digits = value.replace(/\s/g, '')
  return /^(?:\d{6,8}|\d{10})$/.test(digits) ? digits : undefined
}

/** The code of a message: sent as it stands there, capitals included. */
export const readCode: Input = (value) => {
  if (!within(value, 1, 40)) return undefined
  const code = value.trim()
  return /^[A-Za-z\d]{4,12}$/.test(code) ? code : undefined
}

const base64url: Input = (value) =>
  within(value, 1, 16_384) && /^[\w-]+$/.test(value) ? value : undefined

/** What a passkey made. */
export const readAssertion: Input<WebAuthnAssertion> = (value) => {
  if (typeof value !== 'object' || value === null) return undefined
  const read = (name: string) => base64url(Reflect.get(value, name))
  const [authenticatorData, clientDataJSON, signature] = [
    read('authenticatorData'),
    read('clientDataJSON'),
    read('signature'),
  ]
  if (authenticatorData === undefined || clientDataJSON === undefined || signature === undefined) {
    return undefined
  }
  const given: unknown = Reflect.get(value, 'userHandle')
  if (given === undefined || given === null || given === '') {
    return { authenticatorData, clientDataJSON, signature }
  }
  const userHandle = base64url(given)
  return userHandle === undefined
    ? undefined
    : { authenticatorData, clientDataJSON, signature, userHandle }
}
