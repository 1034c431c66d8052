import type { Pattern } from '../routing/pattern.ts'
import { listWords, type Follower, type Word } from './words.ts'

/** Patterns as a policy can say them: `*` takes any text, slashes included. */
export interface Globs {
  readonly allow: readonly Pattern[]
  readonly deny: readonly Pattern[]
}

/** What one policy can say about some routes that stand in this order. */
export interface Coverage {
  /** The policy for routes that may be called or not; a path that it would get wrong, where there is none. */
  globs(mayCall: readonly boolean[]): Globs | { readonly wrong: string }
  /** The answers that its paths have. */
  answers(mayCall: readonly boolean[]): ReadonlySet<boolean>
}

/** A kind of path, seen by the table. */
interface Kind {
  readonly path: string
  /** The route that decides. */
  readonly decides: number | undefined
  /** Routes whose pattern, as a policy says it, takes the path. */
  readonly taken: readonly number[]
  /** Further patterns that take it, by their place in the list. */
  readonly beyond: readonly number[]
}

/** Compares patterns with what a policy would make of them; `universe` holds all paths that can be asked for. */
export function createCoverage(
  patterns: readonly Pattern[],
  universe: readonly Pattern[] | undefined,
): Coverage {
  const beyond = patterns.flatMap((pattern, owner) =>
    widened(pattern).map((wide) => ({ owner, wide })),
  )
  const followers: readonly Follower[] = [
    ...patterns.map((pattern) => ({ pattern, loose: false })),
    ...patterns.map((pattern) => ({ pattern, loose: true })),
    ...beyond.map(({ wide }) => ({ pattern: wide, loose: true })),
    ...(universe ?? []).map((pattern) => ({ pattern, loose: false })),
  ]
  const size = patterns.length
  const kinds = listWords(followers).flatMap((word): Kind[] => {
    const inside = word.matched.slice(2 * size + beyond.length)
    if (universe !== undefined && !inside.includes(true)) return []
    const decides = word.matched.slice(0, size).indexOf(true)
    return [
      {
        path: word.path,
        decides: decides === -1 ? undefined : decides,
        taken: places(word, size, 2 * size),
        beyond: places(word, 2 * size, 2 * size + beyond.length),
      },
    ]
  })

  const isRight = ({ decides }: Kind, mayCall: readonly boolean[]): boolean =>
    decides !== undefined && mayCall[decides] === true

  const globs: Coverage['globs'] = (mayCall) => {
    const tooWide = kinds.filter(
      (kind) => !isRight(kind, mayCall) && kind.taken.some((at) => mayCall[at]),
    )
    const denied = new Set(tooWide.flatMap(({ decides }) => decides ?? []))
    const cut = new Set(
      tooWide
        .filter(({ taken }) => !taken.some((at) => denied.has(at)))
        .flatMap((kind) => kind.beyond.filter((at) => mayCall[beyond[at]?.owner ?? -1])),
    )
    const passes = (kind: Kind): boolean =>
      kind.taken.some((at) => mayCall[at]) &&
      !kind.taken.some((at) => denied.has(at)) &&
      !kind.beyond.some((at) => cut.has(at))
    const wrong = kinds.find((kind) =>
      // A slash more than the pattern has may fail, and must never pass what fails without it.
      passes(kind) ? !isRight(kind, mayCall) : isRight(kind, mayCall) && !endsInSlash(kind),
    )
    if (wrong !== undefined) return { wrong: wrong.path }
    return {
      allow: patterns.filter((_, at) => mayCall[at]),
      deny: [
        ...patterns.filter((_, at) => denied.has(at)),
        ...beyond.flatMap(({ wide }, at) => (cut.has(at) ? [wide] : [])),
      ],
    }
  }

  return {
    globs,
    answers: (mayCall) => new Set(kinds.map((kind) => isRight(kind, mayCall))),
  }
}

const places = ({ matched }: Word, from: number, to: number): readonly number[] =>
  matched.slice(from, to).flatMap((is, at) => (is ? [at] : []))

const endsInSlash = ({ path }: Kind): boolean => path.length > 1 && path.endsWith('/')

/** What `*` takes beyond `{name}`: one more segment in that place, and at the end also none. */
function widened({ segments, rest }: Pattern): readonly Pattern[] {
  const more = segments.flatMap((segment, at) =>
    segment === undefined ? [{ segments: segments.toSpliced(at, 0, undefined), rest }] : [],
  )
  const endsOpen = segments.length > 0 && segments.at(-1) === undefined && !rest
  return endsOpen ? [...more, { segments: [...segments.slice(0, -1), ''], rest }] : more
}
