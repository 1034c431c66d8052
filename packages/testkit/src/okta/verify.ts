import type { OktaApp } from './apps.ts'
import type { FactorKind } from './options.ts'
import type { Person } from './people.ts'
import type { OktaState } from './state.ts'

const able = new Set(['ACTIVE', 'PASSWORD_WARN', 'PASSWORD_EXPIRED'])

/** Whether nothing stands against a user: no lock-out, no suspension. */
export const canSignIn = ({ status }: Person): boolean => able.has(status)

/** The user, if the password is right and nothing stands against them; counts the wrong ones. */
export function checkPassword(
  state: OktaState,
  login: string,
  password: string,
): Person | undefined {
  const person = state.findPerson(login)
  if (person === undefined || !canSignIn(person)) return undefined
  if (!state.usable(person, 'password') || person.password === undefined) return undefined
  return counted(state, person, person.password === password) ? person : undefined
}

/** Counts an attempt, and says whether it holds: a user who is locked out is never right. */
export function counted(state: OktaState, person: Person, isRight: boolean): boolean {
  if (!canSignIn(person)) return false
  if (isRight) state.limits.succeed(person)
  else state.limits.fail(person)
  return isRight
}

const amrs: Readonly<Record<FactorKind, string>> = {
  password: 'pwd',
  email: 'email',
  sms: 'sms',
  voice: 'tel',
  push: 'swk',
  totp: 'otp',
  google_otp: 'otp',
  question: 'kba',
  webauthn: 'hwk',
  rsa: 'otp',
  symantec: 'otp',
  yubikey: 'hwk',
  duo: 'swk',
}

/** `amr`: one value for each factor, and `mfa` as soon as there are two. */
export function amrOf(factors: readonly FactorKind[]): readonly string[] {
  const values = factors.map((factor) => amrs[factor])
  return [...new Set(factors.length > 1 ? [...values, 'mfa'] : values)]
}

const counts = { 'one-factor': 1, 'two-factors': 2, 'three-factors': 3, deny: Infinity } as const

/** How many factors the app's policy wants, and which of those used count for it. */
export function assess(
  app: OktaApp,
  used: readonly FactorKind[],
  /** What an identity provider has proven. */
  elsewhere = 0,
): 'denied' | 'satisfied' | 'more' | 'unfit' {
  if (app.signOn === 'deny') return 'denied'
  const counting = used.filter((kind) => app.factors?.includes(kind) ?? true)
  if (counting.length < used.length) return 'unfit'
  return counting.length + elsewhere >= counts[app.signOn] ? 'satisfied' : 'more'
}

export const isAssigned = (app: OktaApp, person: Person): boolean =>
  app.assigned?.includes(person.name) ?? true

/** What `acr_values` can ask for, and how many factors each value needs. */
const acrs = new Map<string, (used: readonly FactorKind[]) => boolean>([
  ['urn:okta:loa:1fa:any', (used) => used.length > 0],
  ['urn:okta:loa:1fa:pwd', (used) => used.includes('password')],
  ['urn:okta:loa:2fa:any', (used) => used.length > 1],
  ['phr', (used) => used.includes('webauthn')],
  ['phrh', () => false],
])
const ifPossible = 'urn:okta:loa:2fa:any:ifpossible'

/** The first of the wanted values that holds; `unmet` when none of those that are known does. */
export function meetAcr(
  values: string | null | undefined,
  used: readonly FactorKind[],
  enrolled: number,
): { readonly acr?: string; readonly isMet: boolean } {
  const wanted = (values ?? '')
    .split(' ')
    .filter((value) => acrs.has(value) || value === ifPossible)
  const met = wanted.find((value) =>
    value === ifPossible ? used.length >= Math.min(2, enrolled) : acrs.get(value)?.(used),
  )
  if (met !== undefined) return { acr: met, isMet: true }
  return { isMet: wanted.length === 0 }
}
