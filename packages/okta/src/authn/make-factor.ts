import { Outage } from '@portcullis/core'
import type { AuthnChallenge } from './challenges.ts'
import { describe, duoOf, kindOf, numberOf, questionOf } from './describe-factor.ts'
import type { AuthnFactor, Prompted, TakesAnswer, TakesCode } from './factors.ts'
import { readPassCode, readWords } from './inputs.ts'
import type { Link } from './link.ts'
import type { AuthnFactorCall } from './options.ts'
import {
  canceller,
  choosing,
  infoOf,
  need,
  optional,
  proceed,
  refuse,
  type Place,
} from './place.ts'
import { pollOnce, pollUntilAnswered } from './poll.ts'
import type { ReadFactor } from './read-factor.ts'
import type { MfaChallengeStep, MfaRequiredStep } from './steps.ts'
import { readAssertion, requestOptions, signatureFields } from './webauthn.ts'

export function makeRequired(place: Place): MfaRequiredStep {
  const { reading } = place
  return {
    ...infoOf(place),
    ...canceller(place),
    status: 'MFA_REQUIRED',
    factors: reading.factors.map((factor) => factorOf(place, factor)),
    rememberDevice: rememberOf(place),
  }
}

function rememberOf({ reading: { policy } }: Place): MfaRequiredStep['rememberDevice'] {
  const isAllowed = policy?.['allowRememberDevice']
  const minutes = policy?.['rememberDeviceLifetimeInMinutes']
  if (policy === undefined || typeof isAllowed !== 'boolean') return undefined
  return {
    isAllowed,
    isDefault: policy['rememberDeviceByDefault'] === true,
    minutes: typeof minutes === 'number' ? minutes : undefined,
  }
}

function factorOf(place: Place, factor: ReadFactor): AuthnFactor {
  const info = describe(factor)
  const link = factor.verify
  const kind = kindOf(factor.factorType)
  if (link === undefined || kind === 'other') return { ...info, kind: 'other' }
  if (kind === 'code') return { ...info, kind, ...codeTaker(place, factor, link) }
  if (kind === 'question') return { ...info, kind, ...answerTaker(place, factor, link) }
  const counts = kind === 'webauthn' ? 'nothing' : 'prompt'
  return {
    ...info,
    kind,
    start: (call) =>
      proceed(place, choosing(link, call), {
        act: 'start',
        factor: factor.factorType,
        counts,
        call,
      }),
  }
}

const codeTaker = (place: Place, { factorType }: ReadFactor, link: Link): TakesCode => ({
  verify: async (input, call) => {
    const passCode = readPassCode(input.passCode)
    const doing = { act: 'verify', factor: factorType, call } as const
    if (passCode === undefined) return refuse(place, doing, 'passCode')
    return proceed(place, choosing(link, call), { ...doing, fields: { passCode }, counts: 'guess' })
  },
})

const answerTaker = (place: Place, factor: ReadFactor, link: Link): TakesAnswer => ({
  question: questionOf(factor),
  verify: async (input, call) => {
    const answer = readWords(input.answer)
    const doing = { act: 'verify', factor: factor.factorType, call } as const
    if (answer === undefined) return refuse(place, doing, 'answer')
    return proceed(place, choosing(link, call), { ...doing, fields: { answer }, counts: 'guess' })
  },
})

export function makeChallenge(place: Place): MfaChallengeStep {
  const { reading } = place
  const [factor] = reading.factors
  if (factor === undefined) {
    const url = `${place.parts.origin}/api/v1/authn`
    throw new Outage('endpoint_failed', 'a challenge of no factor', { url, phase: 'content' })
  }
  return {
    ...infoOf(place),
    ...canceller(place),
    status: 'MFA_CHALLENGE',
    previous: optional(place, reading.prev, { act: 'previous' }),
    ...challengeOf(place, factor, need(place, reading.next)),
  }
}

function challengeOf(place: Place, read: ReadFactor, next: Link): AuthnChallenge {
  const factor = describe(read)
  const kind = kindOf(read.factorType)
  const doing = { factor: read.factorType } as const
  switch (kind) {
    case 'message': {
      const resending = { ...doing, act: 'resend', counts: 'prompt' } as const
      const resend = optional(place, place.reading.resend, resending)
      return { kind, factor, resend, ...codeTaker(place, read, next) }
    }
    case 'code':
      return { kind, factor, ...codeTaker(place, read, next) }
    case 'question':
      return { kind, factor, ...answerTaker(place, read, next) }
    case 'push':
      return { kind, factor, number: numberOf(read), ...prompted(place, read, next) }
    case 'duo':
      return { kind, factor, duo: duoOf(read.verification), ...prompted(place, read, next) }
    case 'webauthn':
      return { kind, factor, ...passkey(place, read, next) }
    case 'other':
      break
  }
  return { kind, factor }
}

/** What a phone is asked: it waits, or it is over. */
export function prompted(place: Place, { factorType }: ReadFactor, next: Link): Prompted {
  const { factorResult: result } = place.reading
  if (next.name === 'poll') {
    const poll = pollUntilAnswered(place, factorType)
    const check = (call: AuthnFactorCall = {}) => pollOnce(place, factorType, call)
    return { result, isWaiting: true, poll, check }
  }
  const doing = { act: 'start', factor: factorType, counts: 'prompt' } as const
  return { result, isWaiting: false, again: (call) => proceed(place, next, { ...doing, call }) }
}

const passkey = (place: Place, { factorType }: ReadFactor, next: Link) => ({
  publicKey: requestOptions(place.reading),
  verify: async (given: unknown, call?: AuthnFactorCall) => {
    const assertion = readAssertion(given)
    const doing = { act: 'verify', factor: factorType, call } as const
    if (assertion === undefined) return refuse(place, doing, 'assertion')
    const fields = signatureFields(assertion)
    return proceed(place, choosing(next, call), { ...doing, fields, counts: 'guess' })
  },
})
