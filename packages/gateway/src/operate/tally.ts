import type { Answer } from '../check/answer.ts'

/** One number of the decisions: what was decided, where, and why. */
export interface DecisionCount {
  readonly route: string
  readonly dialect: string
  readonly outcome: Answer['outcome']
  readonly reason: string
  readonly count: number
}

/** How long decisions of a dialect took: as many in each bucket, not added up. */
export interface DurationCount {
  readonly dialect: string
  readonly buckets: readonly number[]
  /** Seconds, all together. */
  readonly sum: number
}

/** Counts decisions as plain numbers; labels are made only when somebody asks for them. */
export interface Tally {
  readonly dialect: string
  record(answer: Answer, seconds: number): void
  decisions(): readonly DecisionCount[]
  durations(): DurationCount
  /** Forgets routes that a new configuration no longer has, so that labels stay bounded. */
  keepOnly(routes: ReadonlySet<string>): void
}

/** Upper bounds in seconds; what is slower lies in one more bucket. */
export const bounds: readonly number[] = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1,
]

/** Stands for the route where none was found. */
export const noRoute = 'none'

// Reasons are codes of ours; an application's own refusals might bring more.
const mostReasons = 64

interface RouteTally {
  readonly reasons: Map<string, { readonly outcome: Answer['outcome']; count: number }>
}

/** Why a decision went as it did, in one word out of a bounded number. */
export function reasonOf(answer: Answer): string {
  if (answer.outcome !== 'allowed') return answer.code
  if (answer.principal !== undefined) return 'granted'
  return answer.route === undefined ? 'preflight' : 'anonymous'
}

/** Makes the numbers of one dialect. */
export function createTally(dialect: string): Tally {
  const routes = new Map<string, RouteTally>()
  const buckets = bounds.map(() => 0)
  buckets.push(0)
  let sum = 0

  const routeOf = (id: string): RouteTally => {
    const known = routes.get(id) ?? { reasons: new Map() }
    routes.set(id, known)
    return known
  }

  const count = ({ reasons }: RouteTally, reason: string, outcome: Answer['outcome']): void => {
    const name = reasons.has(reason) || reasons.size < mostReasons ? reason : `other_${outcome}`
    const known = reasons.get(name)
    if (known === undefined) reasons.set(name, { outcome, count: 1 })
    else known.count += 1
  }

  return {
    dialect,
    record: (answer, seconds) => {
      const id = answer.route?.id ?? noRoute
      count(routes.get(id) ?? routeOf(id), reasonOf(answer), answer.outcome)
      const slot = slotOf(seconds)
      buckets[slot] = (buckets[slot] ?? 0) + 1
      sum += seconds
    },
    decisions: () =>
      [...routes].flatMap(([route, { reasons }]) =>
        [...reasons].map(([reason, one]) => ({ route, dialect, reason, ...one })),
      ),
    durations: () => ({ dialect, buckets: [...buckets], sum }),
    keepOnly: (kept) => {
      for (const id of routes.keys()) if (id !== noRoute && !kept.has(id)) routes.delete(id)
    },
  }
}

// Most decisions take less than the first bound, so the search from below is over at once.
function slotOf(seconds: number): number {
  let slot = 0
  while (slot < bounds.length && seconds > (bounds[slot] ?? 0)) slot += 1
  return slot
}
