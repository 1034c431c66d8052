import { createHash } from 'node:crypto'
import { stableId } from './ids.ts'
import type { Credential, FactorKind, OktaUserOptions, UserStatus } from './options.ts'
import { stepOf } from './totp.ts'

/** A user as the org holds it. What is not `readonly` may be changed at any time. */
export interface Person {
  /** What the options call it. */
  readonly name: string
  /** `00u…`. */
  readonly id: string
  readonly login: string
  password: string | undefined
  passwordChanged: number
  status: UserStatus
  groups: readonly string[]
  factors: readonly Factor[]
  readonly firstName: string
  readonly lastName: string
  readonly email: string
  phoneNumber: string
  readonly question: { readonly text: string; readonly answer: string }
  readonly claims: Readonly<Record<string, unknown>>
  /** Wrong passwords and codes in a row. */
  failures: number
}

/** An authenticator that a user has enrolled; the password is one of them. */
export interface Factor {
  /** With Okta's prefix: `opf`, `ost`, `uft`, `sms`, `clf`, `emf`, `fwf`, `ufs`, `pwd`. */
  readonly id: string
  readonly kind: FactorKind
  status: 'ACTIVE' | 'PENDING_ACTIVATION' | 'DISABLED'
  /** Of the two kinds of code generators. */
  readonly secret: Uint8Array
  /** The last time step whose code was used: each code counts once. */
  lastStep: number
  readonly credentials: readonly Credential[]
}

const prefixes: Readonly<Record<FactorKind, string>> = {
  password: 'pwd',
  email: 'emf',
  sms: 'sms',
  voice: 'clf',
  push: 'opf',
  totp: 'ost',
  google_otp: 'uft',
  question: 'ufs',
  webauthn: 'fwf',
  rsa: 'rsa',
  symantec: 'vip',
  yubikey: 'ykf',
  duo: 'dsf',
}

const everything: readonly FactorKind[] = [
  'email',
  'sms',
  'voice',
  'push',
  'totp',
  'google_otp',
  'question',
]

export const defaultUsers: Readonly<Record<string, OktaUserOptions>> = {
  alice: { factors: everything, firstName: 'Alice', groups: ['Everyone', 'Staff'] },
  bob: { factors: ['sms'], firstName: 'Bob' },
  carol: { firstName: 'Carol' },
}

export function createPerson(name: string, options: OktaUserOptions, now: number): Person {
  const { login = `${name}@example.com`, password = 'password', factors = [] } = options
  const { status = 'ACTIVE', groups = ['Everyone'], credentials = [], claims = {} } = options
  const kinds: readonly FactorKind[] = password === false ? factors : ['password', ...factors]
  return {
    ...profileOf(name, login, options),
    name,
    id: stableId('00u', name),
    login,
    password: password === false ? undefined : password,
    passwordChanged: now,
    status,
    groups,
    factors: [...new Set(kinds)].map((kind) => createFactor(kind, name, credentials)),
    claims,
    failures: 0,
  }
}

type Profile = Pick<Person, 'firstName' | 'lastName' | 'email' | 'phoneNumber' | 'question'>

const profileOf = (name: string, login: string, options: OktaUserOptions): Profile => ({
  firstName: options.firstName ?? name,
  lastName: options.lastName ?? 'Example',
  email: login.includes('@') ? login : `${name}@example.com`,
  phoneNumber: options.phoneNumber ?? '+1 415 555 1337',
  question: options.question ?? { text: 'Favourite colour?', answer: 'blue' },
})

export function createFactor(
  kind: FactorKind,
  owner: string,
  credentials: readonly Credential[] = [],
): Factor {
  return {
    id: stableId(prefixes[kind], `${owner}.${kind}`),
    kind,
    status: 'ACTIVE',
    secret: createHash('sha256').update(`${owner}.${kind}.secret`).digest().subarray(0, 20),
    lastStep: 0,
    credentials: kind === 'webauthn' ? credentials : [],
  }
}

export const factorOf = (person: Person, kind: FactorKind): Factor | undefined =>
  person.factors.find((factor) => factor.kind === kind && factor.status === 'ACTIVE')

/** Uses up a code of a code generator: `replayed` is one that was right, and has been used. */
export function useCode(factor: Factor, code: string, now: number): 'right' | 'wrong' | 'replayed' {
  const step = stepOf(factor.secret, now, code)
  if (step === undefined) return 'wrong'
  if (step <= factor.lastStep) return 'replayed'
  factor.lastStep = step
  return 'right'
}
