/** Names of fields that are looked for together, in one pass over a request. */
export interface Wanted {
  readonly names: readonly string[]
  /** Positions in `names`, by the length of the name. */
  readonly byLength: readonly (readonly number[] | undefined)[]
}

/** Sorts lower-case names for the pass. */
export function wantedFields(names: readonly string[]): Wanted {
  const byLength: number[][] = Array.from(
    { length: Math.max(...names.map((name) => name.length)) + 1 },
    () => [],
  )
  for (const [position, name] of names.entries()) byLength[name.length]?.push(position)
  return { names, byLength: byLength.map((found) => (found.length === 0 ? undefined : found)) }
}

/**
 * The values, in the order of the names, out of names and values in turn. A repeated field is joined by
 * `', '`. Lowering every name, or looking for one name after the other, costs more than all the rest.
 */
export function collect(raw: readonly string[], { names, byLength }: Wanted): Collected {
  const values: (string | undefined)[] = names.map(nothing)
  for (let index = 0; index < raw.length; index += 2) {
    const spelt = raw[index] ?? ''
    const positions = byLength[spelt.length]
    if (positions === undefined) continue
    const name = spelt.toLowerCase()
    for (const position of positions) {
      if (names[position] !== name) continue
      const before = values[position]
      const value = raw[index + 1] ?? ''
      values[position] = before === undefined ? value : `${before}, ${value}`
    }
  }
  return values
}

/** What was found; `undefined` where a field is absent. */
export type Collected = readonly (string | undefined)[]

const nothing = (): undefined => undefined
