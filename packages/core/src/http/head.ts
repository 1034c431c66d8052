/** The part of a response of Node that is asked for its fields. */
export interface Fields {
  getHeader(name: string): number | string | readonly string[] | undefined
  setHeader(name: string, value: readonly string[]): unknown
}

/** What `writeHead` is called with: a status, and perhaps its text and fields. */
type HeadArguments = readonly unknown[]

/** Calls `act` once, before the head of a response is written, which is then written with what it answers. */
export function beforeHead(response: object, act: (given: HeadArguments) => HeadArguments): void {
  const writeHead: unknown = Reflect.get(response, 'writeHead')
  const value = (...given: HeadArguments): unknown => {
    Reflect.deleteProperty(response, 'writeHead')
    // It is what every response has.
    return Reflect.apply(writeHead as () => unknown, response, act(given))
  }
  Object.defineProperty(response, 'writeHead', { value, configurable: true, writable: true })
}

/** The cookies that a response is about to set. */
export const cookiesOn = (response: Fields): readonly string[] =>
  [response.getHeader('Set-Cookie') ?? []].flat().map(String)

/**
 * Writes what `writeHead` is given of some fields into the response, in the place of what is there, as
 * `writeHead` itself would do; answers the arguments without them. Names are in lower case.
 */
export function takeFields(
  response: Fields,
  given: HeadArguments,
  names: ReadonlySet<string>,
): HeadArguments {
  const at = given.findIndex((one) => typeof one === 'object' && one !== null)
  const pairs = pairsOf(given[at])
  // What has no value is left to `writeHead`, which complains of it.
  const isWanted = ([name, value]: Pair): boolean =>
    value !== undefined && names.has(name.toLowerCase())
  const taken = pairs.filter(isWanted)
  if (taken.length === 0) return given
  for (const wanted of names) {
    const those = taken.filter(([name]) => name.toLowerCase() === wanted)
    if (those.length > 0) response.setHeader(wanted, those.flatMap(([, one]) => one).map(String))
  }
  const others = pairs.filter((pair) => !isWanted(pair))
  return given.with(at, Array.isArray(given[at]) ? others.flat() : Object.fromEntries(others))
}

type Pair = readonly [name: string, value: unknown]

// An object, or a list of names and values in turn.
function pairsOf(fields: unknown): readonly Pair[] {
  if (typeof fields !== 'object' || fields === null) return []
  if (!Array.isArray(fields)) return Object.entries(fields)
  const flat: readonly unknown[] = fields
  if (flat.some((one, at) => at % 2 === 0 && typeof one !== 'string')) return []
  return flat.flatMap((one, at) => (at % 2 === 0 ? [[String(one), flat[at + 1]] as const] : []))
}
