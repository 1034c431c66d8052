import { Outage } from '@portcullis/core'
import { describe, duoOf, kindOf } from './describe-factor.ts'
import type { AuthnActivation, AuthnEnrollable } from './factors.ts'
import { readPassCode, readPhone, readWords } from './inputs.ts'
import { recordOf, textOf, type Json } from './json.ts'
import type { Link } from './link.ts'
import { prompted } from './make-factor.ts'
import type { AuthnCall } from './options.ts'
import { canceller, infoOf, need, optional, proceed, refuse, type Place } from './place.ts'
import type { ReadFactor } from './read-factor.ts'
import type { AuthnAnswer, MfaEnrollActivateStep, MfaEnrollStep } from './steps.ts'
import { base64, creationOptions, readAttestation } from './webauthn.ts'

export function makeEnroll(place: Place): MfaEnrollStep {
  const { factors, skip } = place.reading
  return {
    ...infoOf(place),
    ...canceller(place),
    status: 'MFA_ENROLL',
    factors: factors.flatMap((factor) =>
      factor.enroll === undefined ? [] : [enrollable(place, factor, factor.enroll)],
    ),
    enrolled: factors
      .filter(({ enroll }) => enroll === undefined)
      .map((factor) => describe(factor)),
    skip: optional(place, skip, { act: 'skip' }),
  }
}

type Send = (call: AuthnCall | undefined, more?: Json) => Promise<AuthnAnswer>

function enrollable(place: Place, factor: ReadFactor, link: Link): AuthnEnrollable {
  const { factorType, provider, enrollment } = factor
  const doing = { act: 'enroll', factor: factorType } as const
  const send: Send = (call, more = {}) =>
    proceed(place, link, { ...doing, call, fields: { factorType, provider, ...more } })
  const wrong = (call: AuthnCall | undefined, field: string) =>
    refuse(place, { ...doing, call }, field)
  const isRequired = enrollment === undefined ? undefined : enrollment === 'REQUIRED'
  const info = { ...describe(factor), isRequired }
  switch (factorType) {
    case 'sms':
    case 'call':
      return {
        ...info,
        kind: 'phone',
        enroll: async (input, call) => {
          const phoneNumber = readPhone(input.phoneNumber)
          if (phoneNumber === undefined) return wrong(call, 'phoneNumber')
          return send(call, { profile: { phoneNumber } })
        },
      }
    case 'email':
      return {
        ...info,
        kind: 'email',
        enroll: ({ email }, call) => send(call, email === undefined ? {} : { profile: { email } }),
      }
    case 'question':
      return { ...info, kind: 'question', enroll: questionEnroll(send, wrong) }
    case 'token:software:totp':
      return { ...info, kind: 'generator', enroll: (call) => send(call) }
    case 'push':
    case 'webauthn':
      return { ...info, kind: factorType, enroll: (call) => send(call) }
    case 'web':
      return { ...info, kind: 'duo', enroll: (call) => send(call) }
    default:
      return kindOf(factorType) === 'code'
        ? { ...info, kind: 'token', enroll: tokenEnroll(send, wrong) }
        : { ...info, kind: 'other' }
  }
}

type Wrong = (call: AuthnCall | undefined, field: string) => Promise<AuthnAnswer>
type EnrollOf<Kind> = Extract<
  AuthnEnrollable,
  { readonly kind: Kind; readonly enroll: unknown }
>['enroll']

const questionEnroll =
  (send: Send, wrong: Wrong): EnrollOf<'question'> =>
  async (input, call) => {
    const [question, answer] = [readWords(input.question), readWords(input.answer)]
    if (question === undefined) return wrong(call, 'question')
    if (answer === undefined) return wrong(call, 'answer')
    return send(call, { profile: { question, answer } })
  }

const tokenEnroll =
  (send: Send, wrong: Wrong): EnrollOf<'token'> =>
  async (input, call) => {
    const { credentialId, nextPassCode: given } = input
    const passCode = readPassCode(input.passCode)
    const nextPassCode = given === undefined ? undefined : readPassCode(given)
    if (passCode === undefined) return wrong(call, 'passCode')
    if (given !== undefined && nextPassCode === undefined) return wrong(call, 'nextPassCode')
    return send(call, {
      passCode,
      ...(nextPassCode !== undefined && { nextPassCode }),
      ...(credentialId !== undefined && { profile: { credentialId } }),
    })
  }

export function makeActivate(place: Place): MfaEnrollActivateStep {
  const { reading } = place
  const [factor] = reading.factors
  if (factor === undefined) {
    const url = `${place.parts.origin}/api/v1/authn`
    throw new Outage('endpoint_failed', 'an activation of no factor', { url, phase: 'content' })
  }
  return {
    ...infoOf(place),
    ...canceller(place),
    status: 'MFA_ENROLL_ACTIVATE',
    previous: optional(place, reading.prev, { act: 'previous' }),
    ...activationOf(place, factor, need(place, reading.next)),
  }
}

function activationOf(place: Place, read: ReadFactor, next: Link): AuthnActivation {
  const factor = describe(read)
  const { activation = {}, factorType } = read
  const qrCode = () => textOf(recordOf(recordOf(activation['_links'])?.['qrcode'])?.['href'])
  const kind = kindOf(factorType)
  switch (kind) {
    case 'message': {
      const resending = { act: 'resend', factor: factorType, counts: 'prompt' } as const
      const resend = optional(place, place.reading.resend, resending)
      return { kind, factor, resend, ...activator(place, factorType, next) }
    }
    case 'code': {
      const sharedSecret = () => textOf(activation['sharedSecret'])
      const takes = activator(place, factorType, next)
      return { kind: 'generator', factor, sharedSecret, qrCode, ...takes }
    }
    case 'push':
      return { kind, factor, qrCode, ...prompted(place, read, next) }
    case 'duo':
      return { kind, factor, duo: duoOf(activation), ...prompted(place, read, next) }
    case 'webauthn':
      return { kind, factor, ...attestor(place, factorType, next) }
    case 'question':
    case 'other':
      break
  }
  return { kind: 'other', factor }
}

const activator = (place: Place, factor: string, next: Link) => ({
  activate: async (input: { readonly passCode: string }, call?: AuthnCall) => {
    const passCode = readPassCode(input.passCode)
    const doing = { act: 'activate', factor, call } as const
    if (passCode === undefined) return refuse(place, doing, 'passCode')
    return proceed(place, next, { ...doing, fields: { passCode }, counts: 'guess' })
  },
})

const attestor = (place: Place, factor: string, next: Link) => ({
  publicKey: creationOptions(place.reading),
  activate: async (given: unknown, call?: AuthnCall) => {
    const attestation = readAttestation(given)
    const doing = { act: 'activate', factor, call } as const
    if (attestation === undefined) return refuse(place, doing, 'attestation')
    const fields = {
      attestation: base64(attestation.attestationObject),
      clientData: base64(attestation.clientDataJSON),
    }
    return proceed(place, next, { ...doing, fields })
  },
})
