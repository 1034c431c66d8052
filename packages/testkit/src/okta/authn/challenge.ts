import type { FactorKind } from '../options.ts'
import type { Factor, Person } from '../people.ts'
import { randomText } from '../wire.ts'
import type { Challenge, Desk } from './desk.ts'
import { callTooSoon, messageTooSoon } from './errors.ts'

const channels: Partial<Readonly<Record<FactorKind, 'sms' | 'voice' | 'email'>>> = {
  sms: 'sms',
  voice: 'voice',
  email: 'email',
}

/** Sends a code, asks a phone, or makes something to sign; nothing for what needs no beginning. */
export function startChallenge(
  desk: Desk,
  person: Person,
  factor: Factor,
  isNumbered: boolean,
): Challenge {
  const { org } = desk
  const at = org.now()
  const channel = channels[factor.kind]
  if (channel !== undefined) {
    checkPause(desk, person, channel)
    return { factor, at, code: org.reach(person).send(channel).code }
  }
  if (factor.kind === 'push') {
    const hasNumber = isNumbered && org.settings.numberChallenge
    return { factor, at, prompt: org.reach(person).push(hasNumber) }
  }
  if (factor.kind === 'duo') return { factor, at, prompt: org.reach(person).push(false) }
  if (factor.kind === 'webauthn') return { factor, at, nonce: randomText(20) }
  return { factor, at }
}

/** One text message and one call in 30 seconds. */
export function checkPause(
  { org }: Desk,
  person: Person,
  channel: 'sms' | 'voice' | 'email',
): void {
  const last = org.reach(person).messages.findLast((message) => message.channel === channel)
  if (channel === 'email' || last === undefined || org.now() - last.at >= 30_000) return
  throw channel === 'sms' ? messageTooSoon() : callTooSoon()
}

const patience = 300_000

/** `factorResult` of a question on a phone. */
export function promptResult({ org }: Desk, { prompt, at }: Challenge): string {
  if (prompt?.answer === 'APPROVED') return 'SUCCESS'
  if (prompt?.answer === 'REJECTED') return 'REJECTED'
  return org.now() - at >= patience ? 'TIMEOUT' : 'WAITING'
}
