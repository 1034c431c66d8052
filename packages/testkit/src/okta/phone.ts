import type { Factor, Person } from './people.ts'
import { totp } from './totp.ts'
import { randomText } from './wire.ts'

/** A question on somebody's phone. */
export interface Prompt {
  readonly id: string
  readonly at: number
  /** For a number challenge: the right one, and those to choose from. */
  readonly number?: string
  readonly choices: readonly string[]
  answer: 'WAITING' | 'APPROVED' | 'REJECTED' | 'IGNORED'
}

/** A code on its way to somebody. */
export interface Message {
  readonly channel: Channel
  readonly to: string
  readonly code: string
  readonly at: number
}

export type Channel = 'sms' | 'voice' | 'email'

/** What shows codes. */
export type Generator = 'totp' | 'google_otp' | 'rsa' | 'symantec' | 'yubikey'

/** Somebody's phone, to script. */
export interface Phone {
  /** Newest last, the answered ones too. */
  readonly prompts: readonly Prompt[]
  /** Says yes to the newest prompt that waits, with the right number if it asks for one. */
  readonly approve: () => void
  readonly reject: () => void
  /** Puts the phone away: the prompt stays without an answer. */
  readonly ignore: () => void
  /** Taps a number; a wrong one refuses. */
  readonly tap: (number: string | number) => void
  /** What to do with prompts that are still to come; `undefined` waits for one of the above. */
  readonly always: (answer: 'approve' | 'reject' | 'ignore' | undefined) => void
  /** What a code generator shows now. Default Okta Verify. */
  readonly code: (generator?: Generator) => string
}

/** Where text messages, calls and mails arrive. */
export interface Inbox {
  readonly messages: readonly Message[]
  readonly lastCode: (channel?: Channel) => string
}

/** A phone and an inbox, with the side that Okta has of them. */
export interface Reach extends Phone, Inbox {
  /** Sends a push. */
  readonly push: (hasNumber: boolean) => Prompt
  /** Sends a code. */
  readonly send: (channel: Channel, code?: string) => Message
}

export function createReach(person: Person, now: () => number): Reach {
  const messages: Message[] = []
  const handset = createHandset(now)
  return {
    ...handset,
    messages,
    code: (generator = 'totp') => totp(generatorOf(person, generator).secret, now()),
    lastCode: (channel) => {
      const found = messages.findLast((message) => !channel || message.channel === channel)
      if (found === undefined) throw new Error(`${person.name} got no ${channel ?? 'code'}`)
      return found.code
    },
    send: (channel, code = randomDigits(6)) => {
      const to = channel === 'email' ? person.email : person.phoneNumber
      const message = { channel, to, code, at: now() }
      messages.push(message)
      return message
    },
  }
}

// One that is being enrolled shows codes already.
function generatorOf(person: Person, generator: Generator): Factor {
  const factor = person.factors.find(({ kind }) => kind === generator)
  if (factor === undefined) throw new Error(`${person.name} has not enrolled ${generator}`)
  return factor
}

type Handset = Omit<Reach, 'code' | keyof Inbox | 'send'>

const answers = { approve: 'APPROVED', reject: 'REJECTED', ignore: 'IGNORED' } as const

function createHandset(now: () => number): Handset {
  const prompts: Prompt[] = []
  let standing: keyof typeof answers | undefined
  const waiting = () => {
    const found = prompts.findLast(({ answer }) => answer === 'WAITING')
    if (found === undefined) throw new Error('no prompt waits for an answer')
    return found
  }
  const reply = (answer: keyof typeof answers) => () => {
    waiting().answer = answers[answer]
  }
  return {
    prompts,
    approve: reply('approve'),
    reject: reply('reject'),
    ignore: reply('ignore'),
    tap: (number) => {
      const prompt = waiting()
      prompt.answer = prompt.number === String(number) ? 'APPROVED' : 'REJECTED'
    },
    always: (answer) => {
      standing = answer
    },
    push: (hasNumber) => {
      const answer = standing === undefined ? ('WAITING' as const) : answers[standing]
      const prompt: Prompt = { id: randomText(20), at: now(), answer, ...numbers(hasNumber) }
      prompts.push(prompt)
      return prompt
    },
  }
}

function numbers(wanted: boolean): Pick<Prompt, 'number' | 'choices'> {
  if (!wanted) return { choices: [] }
  const choices = new Set<string>()
  while (choices.size < 3) choices.add(String(10 + Math.floor(Math.random() * 90)))
  const [number = '10', ...others] = choices
  return { number, choices: [number, ...others].toSorted((a, b) => Number(a) - Number(b)) }
}

const randomDigits = (length: number): string =>
  Array.from({ length }, () => Math.floor(Math.random() * 10)).join('')
