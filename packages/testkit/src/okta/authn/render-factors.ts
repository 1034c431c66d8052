import type { Factor, Person } from '../people.ts'
import { personOf, type Challenge, type Desk, type Transaction } from './desk.ts'
import { kinds, nameOf, profileOf, usableFactors } from './factors.ts'
import { allow } from './links.ts'
import { promptResult } from './challenge.ts'

/** What can be verified, each with its way on. */
export const factorList = (desk: Desk, person: Person): readonly object[] =>
  usableFactors(desk.org, person).map((factor) => ({
    ...plain(person, factor),
    _links: { verify: allow(`${desk.org.origin}/api/v1/authn/factors/${pathOf(factor)}/verify`) },
  }))

// Any of several passkeys will do.
const pathOf = ({ kind, id, credentials }: Factor): string =>
  kind === 'webauthn' && credentials.length > 1 ? 'webauthn' : id

const plain = (person: Person, factor: Factor): object => {
  const { factorType, provider } = nameOf(factor.kind)
  return {
    id: factor.id,
    factorType,
    provider,
    vendorName: provider,
    profile: profileOf(person, factor),
  }
}

/** What can be enrolled, and what is. */
export const offerList = ({ org, settings }: Desk, person: Person): readonly object[] =>
  kinds
    .filter((kind) => settings.enrollment[kind] !== undefined)
    .filter((kind) => !org.settings.disabledAuthenticators.includes(kind))
    .map((kind) => {
      const { factorType, provider } = nameOf(kind)
      const isActive = org.usable(person, kind) !== undefined
      return {
        factorType,
        provider,
        vendorName: provider,
        enrollment: settings.enrollment[kind],
        status: isActive ? 'ACTIVE' : 'NOT_SETUP',
        _links: isActive ? {} : { enroll: allow(`${org.origin}/api/v1/authn/factors`) },
      }
    })

/** The factor of a challenge. */
export function shownFactor(desk: Desk, transaction: Transaction): object {
  const { challenge } = transaction
  if (challenge === undefined) return {}
  const inner = embeddedOf(desk, transaction, challenge)
  return {
    ...plain(personOf(transaction), challenge.factor),
    ...(inner !== undefined && { _embedded: inner }),
  }
}

function embeddedOf(
  desk: Desk,
  transaction: Transaction,
  challenge: Challenge,
): object | undefined {
  if (challenge.factor.kind === 'duo') {
    return { verification: duoOf(desk, transaction, challenge) }
  }
  if (challenge.nonce !== undefined && challenge.isForAll !== true) {
    const { nonce } = challenge
    return { challenge: { challenge: nonce, userVerification: 'preferred', extensions: {} } }
  }
  const number = challenge.isPolled === true ? challenge.prompt?.number : undefined
  return number === undefined ? undefined : { challenge: { correctAnswer: Number(number) } }
}

function duoOf({ org, ...desk }: Desk, { token }: Transaction, challenge: Challenge): object {
  const path = `${org.origin}/api/v1/authn/factors/${challenge.factor.id}/lifecycle/duoCallback`
  return {
    host: 'duo.example.invalid',
    signature: `TX|${token.slice(2, 12)}:APP|emulated`,
    factorResult: promptResult({ org, ...desk }, challenge),
    _links: {
      complete: allow(path),
      script: { href: `${org.origin}/js/sections/duo/Duo-Web-v2.js`, type: 'text/javascript' },
    },
  }
}

/** The factor that is being enrolled, with what the user needs for it. */
export function activationOf(desk: Desk, transaction: Transaction): object {
  const { challenge } = transaction
  if (challenge === undefined) return {}
  const activation = activationMembers(desk, transaction, challenge)
  return {
    ...plain(personOf(transaction), challenge.factor),
    ...(activation !== undefined && { _embedded: { activation } }),
  }
}

function activationMembers(
  desk: Desk,
  transaction: Transaction,
  challenge: Challenge,
): object | undefined {
  const { factor, nonce, prompt } = challenge
  const person = personOf(transaction)
  const qrcode = {
    href: `${desk.org.origin}/api/v1/users/${person.id}/factors/${factor.id}/qr`,
    type: 'image/png',
  }
  if (factor.kind === 'duo') return duoOf(desk, transaction, challenge)
  if (prompt !== undefined) {
    return { factorResult: promptResult(desk, challenge), _links: { qrcode } }
  }
  if (nonce !== undefined) return creationOf(desk, person, nonce)
  if (factor.kind !== 'totp' && factor.kind !== 'google_otp') return undefined
  const sharedSecret = base32(factor.secret)
  return { timeStep: 30, sharedSecret, encoding: 'base32', keyLength: 6, _links: { qrcode } }
}

const creationOf = ({ org }: Desk, person: Person, challenge: string): object => ({
  rp: { name: 'Emulated org' },
  user: {
    id: person.id,
    name: person.login,
    displayName: `${person.firstName} ${person.lastName}`,
  },
  pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
  challenge,
  attestation: 'direct',
  authenticatorSelection: { userVerification: 'preferred' },
  excludeCredentials: org.usable(person, 'webauthn')?.credentials.map(({ id }) => ({
    type: 'public-key',
    id,
  })),
})

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

function base32(bytes: Uint8Array): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('')
  const groups = bits.match(/.{1,5}/g) ?? []
  return groups.map((group) => alphabet[Number.parseInt(group.padEnd(5, '0'), 2)]).join('')
}
