import type { HeaderField } from '@portcullis/core'
import type { Allowed, Answer, Refused } from '../../check/answer.ts'
import type { Value } from './value.ts'

/** A variable that HAProxy sets, without its prefix. */
export type Variable = readonly [name: string, value: Value]

/** Every answer as variables; `status` comes last, so that nothing passes with half of them. */
export function writeVariables(answer: Answer): readonly Variable[] {
  if (answer.outcome === 'allowed') return allowed(answer)
  return answer.outcome === 'refused' ? refused(answer) : unavailable(answer.retryAfter)
}

/** The answer where there is none. */
export const unavailable = (retryAfter: number): readonly Variable[] => [
  ['retry', String(retryAfter)],
  ['status', 503],
]

const allowed = ({ identity, toClient }: Allowed): readonly Variable[] => [
  ...identity.map(([name, value]): Variable => [variableName(name), value]),
  ...client(toClient),
  ['status', 200],
]

const refused = ({ headers, status }: Refused): readonly Variable[] => [
  ['challenge', challengeIn(headers)],
  ...client(headers),
  ['status', status],
]

/** HAProxy's variables know letters, digits, dots and underscores. */
const variableName = (field: string): string => field.toLowerCase().replaceAll('-', '_')

const isChallenge = ([name]: HeaderField): boolean => name.toLowerCase() === 'www-authenticate'

const challengeIn = (fields: readonly HeaderField[]): string => fields.find(isChallenge)?.[1] ?? ''

const client = (fields: readonly HeaderField[]): readonly Variable[] =>
  fields
    .filter((field) => !isChallenge(field))
    .map(([name, value]) => [`client.${variableName(name)}`, value])
