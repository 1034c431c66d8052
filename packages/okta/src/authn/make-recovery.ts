import { Outage } from '@portcullis/core'
import { readUsername } from '../direct/input.ts'
import { readPassCode, readWords } from './inputs.ts'
import { canceller, enter, infoOf, need, optional, proceed, refuse, type Place } from './place.ts'
import type {
  LockedOutStep,
  RecoveryChallengeStep,
  RecoveryMailedStep,
  RecoveryStep,
  RecoveryTokenStep,
} from './steps.ts'

export function makeRecovery(place: Place): RecoveryStep | RecoveryTokenStep {
  const { reading } = place
  const { recoveryToken, recoveryType } = reading
  if (reading.stateToken === undefined && recoveryToken !== undefined) {
    return tokenStep(place, recoveryToken)
  }
  const next = need(place, reading.next)
  return {
    ...infoOf(place),
    ...canceller(place),
    status: 'RECOVERY',
    kind: 'question',
    recoveryType,
    question: reading.question,
    answer: async (input, call) => {
      const answer = readWords(input.answer)
      const doing = { act: 'answer', call } as const
      if (answer === undefined) return refuse(place, doing, 'answer')
      return proceed(place, next, { ...doing, fields: { answer }, counts: 'guess' })
    },
  }
}

function tokenStep(place: Place, recoveryToken: string): RecoveryTokenStep {
  const { parts, reading, username } = place
  const url = reading.next?.href
  if (url === undefined) {
    throw new Outage('endpoint_failed', 'RECOVERY without a way on', { phase: 'content' })
  }
  return {
    ...infoOf(place),
    status: 'RECOVERY',
    kind: 'token',
    recoveryType: reading.recoveryType,
    recoveryToken: () => recoveryToken,
    continue: (call = {}) =>
      enter(parts, {
        act: 'recover',
        url,
        body: { recoveryToken },
        counts: 'nothing',
        factor: undefined,
        username,
        step: place.step(),
        call,
      }),
  }
}

export function makeRecoveryChallenge(place: Place): RecoveryChallengeStep | RecoveryMailedStep {
  const { reading } = place
  const { recoveryType, factorType: channel } = reading
  const info = { ...infoOf(place), status: 'RECOVERY_CHALLENGE', recoveryType, channel } as const
  if (reading.stateToken === undefined) return { ...info, kind: 'mail' }
  const next = need(place, reading.next)
  return {
    ...info,
    ...canceller(place),
    kind: 'code',
    verify: async (input, call) => {
      const passCode = readPassCode(input.passCode)
      const doing = { act: 'verify', factor: channel, call } as const
      if (passCode === undefined) return refuse(place, doing, 'passCode')
      return proceed(place, next, { ...doing, fields: { passCode }, counts: 'guess' })
    },
    resend: optional(place, reading.resend, { act: 'resend', factor: channel, counts: 'prompt' }),
  }
}

export function makeLockedOut(place: Place): LockedOutStep {
  const { parts, reading } = place
  const url = reading.next?.href
  const info = { ...infoOf(place), status: 'LOCKED_OUT' } as const
  if (url === undefined) return { ...info, unlock: undefined }
  return {
    ...info,
    unlock: async ({ channel, username: other }, call = {}) => {
      const username = readUsername(other ?? place.username)
      const doing = { act: 'unlock', factor: channel, call } as const
      if (username === undefined) return refuse(place, doing, 'username')
      const body = { username, ...(channel !== undefined && { factorType: channel }) }
      const step = place.step()
      return enter(parts, { ...doing, url, body, counts: 'prompt', username, step })
    },
  }
}
