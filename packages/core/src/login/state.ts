/**
 * What an attempt to sign in is: the `first` of a visit, the one that was begun `again` because of a lost
 * cookie, or a `silent` one, which shows no page.
 */
export type Attempt = 'first' | 'again' | 'silent'

/** What a `state` tells before its transaction is found. Anybody can write one: it is for hints, and for ending loops. */
export interface StateHint {
  readonly attempt: Attempt
  /** Epoch milliseconds. */
  readonly begunAt: number
}

const letters = { first: '0', again: '1', silent: '2' } as const
const attempts: readonly Attempt[] = ['first', 'again', 'silent']

/** Makes the `state` of an attempt. */
export const makeState = (attempt: Attempt, now: number, random: string): string =>
  `${letters[attempt]}${Math.floor(now / 1000).toString(36)}.${random}`

/** Reads it, where a login may have made it. */
export function readState(state: string): StateHint | undefined {
  const [, letter, seconds] = /^([012])([\da-z]{1,9})\./.exec(state) ?? []
  const attempt = attempts[Number(letter)]
  if (attempt === undefined || seconds === undefined) return undefined
  return { attempt, begunAt: Number.parseInt(seconds, 36) * 1000 }
}
