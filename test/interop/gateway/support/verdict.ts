import { arrivedUnder, type Arrival } from './upstream.ts'
import { valuesOf, type WireAnswer } from './wire.ts'

/** Status and error in a word or two, and whatever is wrong about how they came. */
export function verdictOf(
  answer: WireAnswer,
  arrived: readonly Arrival[],
  isWell: (arrival: Arrival) => boolean,
): string {
  const challenges = valuesOf(answer, 'www-authenticate')
  const error = /error="([^"]*)"/.exec(challenges.join())?.[1]
  const [arrival] = arrived
  const faults = [
    ...(answer.status !== 200 && arrived.length > 0 ? ['but it arrived'] : []),
    ...(answer.status === 401 && challenges.length !== 1
      ? [`${challenges.length} challenges`]
      : []),
    ...(answer.status === 200 && !(arrival && isWell(arrival)) ? ['without the identity'] : []),
  ]
  return [answer.status, error, ...faults].filter((word) => word !== undefined).join(' ')
}

export const isUserOne = (arrival: Arrival): boolean =>
  arrivedUnder(arrival, 'x-auth-subject').join('|') === 'user-1'
