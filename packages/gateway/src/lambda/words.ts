import { ConfigurationError } from '@portcullis/core'
import type { Pattern } from '../routing/pattern.ts'

/** A pattern that is followed along a path, segment by segment. */
export interface Follower {
  readonly pattern: Pattern
  /** Whether `{name}` takes several segments, as the `*` of a policy does. */
  readonly loose: boolean
}

/** A kind of path: all its members are matched by the same followers. */
export interface Word {
  /** The shortest path of the kind, with `x` for segments that no pattern names. */
  readonly path: string
  /** Which followers match. */
  readonly matched: readonly boolean[]
}

const other = 'x'
/** Stands for a slash at the end, which the table does not see and a policy does. */
const slash = ''
const mostWords = 20_000

interface Place {
  readonly path: string
  /** Where each follower can stand; a bit for each place. */
  readonly places: readonly bigint[]
}

/**
 * Lists every kind of path that the followers can tell apart. There are finitely many: where they stand
 * after a segment depends on little more than how far each has come.
 */
export function listWords(followers: readonly Follower[]): readonly Word[] {
  const letters = alphabet(followers)
  const after = ({ path, places }: Place, letter: string): Place => ({
    path: `${path}/${letter}`,
    places: followers.map((follower, at) => step(follower, places[at] ?? 0n, letter)),
  })
  const begin = { path: '', places: followers.map(() => 1n) }
  const seen = new Set<string>()
  const queue: Place[] = [begin]
  for (const place of queue) {
    for (const letter of letters) {
      const next = after(place, letter)
      const name = next.places.join()
      if (seen.has(name)) continue
      seen.add(name)
      queue.push(next)
      if (queue.length > mostWords) throw new ConfigurationError('lambda.routes are too many')
    }
  }
  // The root is the slash that stands alone.
  return [...queue.slice(1), ...queue.map((place) => after(place, slash))].map(
    ({ path, places }) => ({
      path,
      matched: followers.map(({ pattern }, at) => isAt(places[at] ?? 0n, pattern.segments.length)),
    }),
  )
}

function alphabet(followers: readonly Follower[]): readonly string[] {
  const named = followers.flatMap(({ pattern }) => pattern.segments)
  const letters = new Set(named.flatMap((segment) => (segment ? [segment] : [])))
  // One that no pattern names.
  let free = other
  while (letters.has(free)) free += other
  return [free, ...letters]
}

const isAt = (places: bigint, place: number): boolean => ((places >> BigInt(place)) & 1n) === 1n

/** Where a follower can stand after one more segment; a bit for each place. */
function step({ pattern, loose }: Follower, places: bigint, letter: string): bigint {
  const { segments, rest } = pattern
  if (letter === slash && (!loose || segments.length === 0)) return places
  // The rest takes any segment, and so does a `*` that has one already.
  const stays = (place: number): boolean =>
    (rest && place === segments.length) || (loose && takesAny(segments, place - 1))
  const goesOn = (place: number): boolean =>
    place < segments.length && (takesAny(segments, place) || segments[place] === letter)
  let next = 0n
  for (let place = 0; place <= segments.length; place++) {
    if (!isAt(places, place)) continue
    if (stays(place)) next |= 1n << BigInt(place)
    if (goesOn(place)) next |= 1n << BigInt(place + 1)
  }
  return next
}

const takesAny = (segments: Pattern['segments'], place: number): boolean =>
  place >= 0 && place < segments.length && segments[place] === undefined
