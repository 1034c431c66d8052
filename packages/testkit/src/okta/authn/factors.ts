import type { FactorKind } from '../options.ts'
import type { Factor, Person } from '../people.ts'
import type { OktaState } from '../state.ts'

/** How the Authentication API calls a factor. */
export interface FactorName {
  readonly factorType: string
  readonly provider: string
}

const names: Readonly<Partial<Record<FactorKind, FactorName>>> = {
  push: { factorType: 'push', provider: 'OKTA' },
  totp: { factorType: 'token:software:totp', provider: 'OKTA' },
  google_otp: { factorType: 'token:software:totp', provider: 'GOOGLE' },
  sms: { factorType: 'sms', provider: 'OKTA' },
  voice: { factorType: 'call', provider: 'OKTA' },
  email: { factorType: 'email', provider: 'OKTA' },
  question: { factorType: 'question', provider: 'OKTA' },
  webauthn: { factorType: 'webauthn', provider: 'FIDO' },
  rsa: { factorType: 'token', provider: 'RSA' },
  symantec: { factorType: 'token', provider: 'SYMANTEC' },
  yubikey: { factorType: 'token:hardware', provider: 'YUBICO' },
  duo: { factorType: 'web', provider: 'DUO' },
}

/** Everything that can be a second factor. */
// The keys are those of the object above.
export const kinds = Object.keys(names) as readonly FactorKind[]

export const nameOf = (kind: FactorKind): FactorName =>
  names[kind] ?? { factorType: kind, provider: 'OKTA' }

export const kindOf = (factorType: unknown, provider: unknown): FactorKind | undefined =>
  kinds.find((kind) => {
    const name = nameOf(kind)
    return name.factorType === factorType && name.provider === provider
  })

/** The second factors that somebody can use. */
export const usableFactors = (org: OktaState, person: Person): readonly Factor[] =>
  kinds.flatMap((kind) => org.usable(person, kind) ?? [])

const profiles: Readonly<Partial<Record<FactorKind, (person: Person, factor: Factor) => object>>> =
  {
    sms: ({ phoneNumber }) => ({ phoneNumber: maskPhone(phoneNumber) }),
    voice: ({ phoneNumber }) => ({ phoneNumber: maskPhone(phoneNumber) }),
    email: ({ email }) => ({ email: `${email[0] ?? ''}...${email.slice(email.indexOf('@') - 1)}` }),
    question: ({ question }) => ({ question: 'custom', questionText: question.text }),
    push: ({ login }) => ({ credentialId: login, deviceType: 'SmartPhone_IPhone', name: 'Phone' }),
    webauthn: (_person, { credentials }) => ({
      credentialId: credentials[0]?.id,
      authenticatorName: credentials[0]?.name,
    }),
  }

export const profileOf = (person: Person, factor: Factor): object =>
  profiles[factor.kind]?.(person, factor) ?? { credentialId: person.login }

const maskPhone = (number: string): string => `+1 XXX-XXX-${number.slice(-4)}`
