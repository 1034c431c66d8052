import type { IssuerConfig, RouteConfig } from './config.ts'
import type { Path, Problem } from './shape.ts'

/** An item of a list, and its place there. */
export interface Placed<T> {
  readonly at: number
  readonly held: T
}

/** The parts of a document that are right by themselves. */
export interface Sound {
  /** Whether nothing is wrong with what stands there, if anything does. */
  isClean(...path: Path): boolean
  /** What stands there, where nothing is wrong with it. Whoever asks knows the shape that it was held against. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the path says which type
  at<T>(...path: Path): T | undefined
  /** Whether a member is there, well or not. */
  has(name: string): boolean
  readonly issuers: readonly Placed<IssuerConfig>[]
  readonly routes: readonly Placed<RouteConfig>[]
  /** One member of each item of a list, where it is there and nothing is wrong with it. */
  each<T>(list: string, member?: string): readonly Placed<T>[]
}

/** Takes what nobody complained about. */
export function soundPartsOf(value: unknown, problems: readonly Problem[]): Sound {
  const isClean = (...path: Path): boolean =>
    !problems.some((problem) => path.every((step, depth) => problem.path[depth] === step))
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as above
  const at = <T>(...path: Path): T | undefined =>
    // Held against its shape before, and found right.
    isClean(...path) ? (path.reduce(memberOf, value) as T | undefined) : undefined
  const each = <T>(name: string, member?: string): readonly Placed<T>[] => {
    const items = memberOf(value, name)
    return (Array.isArray(items) ? items : []).flatMap((_item, place) => {
      const held = at<T>(name, place, ...(member === undefined ? [] : [member]))
      return held === undefined ? [] : [{ at: place, held }]
    })
  }
  return {
    isClean,
    at,
    each,
    has: (name) => memberOf(value, name) !== undefined,
    issuers: each('issuers'),
    routes: each('routes'),
  }
}

const memberOf = (value: unknown, step: string | number): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, step)
    ? // Any object may be asked for its own members.
      (value as Readonly<Record<string | number, unknown>>)[step]
    : undefined

/** Items whose key an earlier one has already; those without a key are never the same. */
export function repeated<T>(
  items: readonly Placed<T>[],
  keyOf: (held: T, at: number) => string | undefined,
): readonly { readonly at: number; readonly of: number }[] {
  const first = new Map<string, number>()
  return items.flatMap(({ at, held }) => {
    const key = keyOf(held, at)
    if (key === undefined) return []
    const of = first.get(key)
    if (of === undefined) first.set(key, at)
    return of === undefined ? [] : [{ at, of }]
  })
}
