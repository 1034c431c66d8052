import { ConfigurationError } from '../errors/configuration.ts'
import { isRecord } from './own.ts'

/** Says what is wrong with an option, or nothing. */
export type Check = (value: unknown) => string | undefined

const must =
  (what: string, holds: (value: unknown) => boolean): Check =>
  (value) =>
    holds(value) ? undefined : `must be ${what}, got ${show(value)}`

export const text: Check = must(
  'a non-empty string',
  (value) => typeof value === 'string' && value !== '',
)
export const flag: Check = must('true or false', (value) => typeof value === 'boolean')
export const fn: Check = must('a function', (value) => typeof value === 'function')
export const record: Check = must(
  'an object',
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
)
/** What the Standard Schema interface asks of an object or a function. */
export const schema: Check = must(
  "a schema with the Standard Schema interface ('~standard')",
  (value) => {
    const holder = typeof value === 'function' || isRecord(value) ? value : {}
    const standard: unknown = Reflect.get(holder, '~standard')
    return isRecord(standard) && typeof standard['validate'] === 'function'
  },
)
export const seconds: Check = must(
  'a number of seconds, 0 or more',
  (value) => typeof value === 'number' && value >= 0 && Number.isFinite(value),
)
export const someSeconds: Check = must(
  'a number of seconds, more than 0',
  (value) => typeof value === 'number' && value > 0 && Number.isFinite(value),
)
export const count: Check = must(
  'a whole number, 1 or more',
  (value) => Number.isSafeInteger(value) && Number(value) >= 1,
)
export const anything: Check = () => undefined

export const oneOf = (...values: readonly unknown[]): Check =>
  must(values.map((value) => JSON.stringify(value)).join(' or '), (value) => values.includes(value))

export const filled =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.length === 0 ? 'must not be empty' : check(value)

export const listOf =
  (check: Check): Check =>
  (value) => {
    if (!Array.isArray(value)) return `must be an array, got ${show(value)}`
    return value
      .map((item, index) => at(`[${index}]`, check(item)))
      .find((wrong) => wrong !== undefined)
  }

export const either =
  (...checks: readonly Check[]): Check =>
  (value) => {
    const wrong = checks.map((check) => check(value))
    return wrong.includes(undefined) ? undefined : wrong.join(', or ')
  }

/**
 * Checks what a programmer handed in against the list of options: an unknown name is an error that
 * names the nearest known one. `undefined` counts as absent.
 */
export function checkOptions(
  of: string,
  given: unknown,
  known: Readonly<Record<string, Check>>,
): void {
  checkRecord(of, given)
  for (const [name, value] of Object.entries(given ?? {})) {
    const check = Object.hasOwn(known, name) ? known[name] : undefined
    if (check === undefined)
      throw new ConfigurationError(
        `${of}.${name} is not an option${nearest(name, Object.keys(known))}`,
      )
    const wrong = value === undefined ? undefined : at(`${of}.${name}`, check(value))
    if (wrong !== undefined) throw new ConfigurationError(wrong)
  }
}

/** Checks that something was handed in that can hold options at all. */
export function checkRecord(of: string, given: unknown): void {
  const wrong = record(given)
  if (wrong !== undefined) throw new ConfigurationError(`${of} ${wrong}`)
}

/** Says where it is wrong; what is wrong in a list begins with its place there. */
const at = (place: string, wrong: string | undefined): string | undefined =>
  wrong === undefined ? undefined : place + (wrong.startsWith('[') ? '' : ' ') + wrong

/** Never a value that could be a secret: kinds, numbers and short words only. */
function show(value: unknown): string {
  if (value === null || typeof value === 'number' || typeof value === 'boolean')
    return String(value)
  if (typeof value === 'string') return value === '' ? 'an empty string' : 'a string'
  return Array.isArray(value) ? 'an array' : typeof value
}

/** Names the known name that was probably meant, if one comes near. */
export function nearest(name: string, known: readonly string[]): string {
  const [best] = known
    .map((candidate) => ({
      candidate,
      steps: distance(name.toLowerCase(), candidate.toLowerCase()),
    }))
    .toSorted((a, b) => a.steps - b.steps)
  return best === undefined || best.steps > Math.max(2, name.length / 3)
    ? ''
    : `; did you mean ${best.candidate}?`
}

/** Levenshtein's edit distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1]
    for (const [j, other] of [...b].entries()) {
      const change = (row[j] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(change, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
