import { canonicalPath } from './path.ts'

/** A path pattern, read: literal segments, `{name}` for exactly one, and perhaps the rest. */
export interface Pattern {
  /** A literal segment, or nothing for `{name}`. */
  readonly segments: readonly (string | undefined)[]
  /** Whether it ends in `/**`, which takes any rest, also none. */
  readonly rest: boolean
}

/** Reads a pattern, or says what is wrong with it. */
export function readPattern(text: string): Pattern | string {
  if (!text.startsWith('/')) return "must begin with '/'"
  if (text === '/') return { segments: [], rest: false }
  if (text.endsWith('/')) return "must not end with '/': /orders stands for /orders/ too"
  const parts = text.slice(1).split('/')
  const rest = parts.at(-1) === '**'
  const named = rest ? parts.slice(0, -1) : parts
  const wrong = named.map(wrongSegment).find((found) => found !== undefined)
  return wrong ?? { segments: named.map(literalOf), rest }
}

const parameter = /^\{\w+\}$/

function wrongSegment(segment: string): string | undefined {
  if (parameter.test(segment)) return undefined
  if (segment.includes('*')) {
    return "may hold '*' only as its last segment '/**'; one segment of any kind is '{name}'"
  }
  if (/[{}]/.test(segment)) return "may hold braces only around a whole segment, such as '/{id}'"
  if (/[?#]/.test(segment)) return 'must not hold a query or fragment: neither is ever matched'
  if (/[^\x21-\x7e]/.test(segment)) return 'must be percent-encoded where it is not printable ASCII'
  return segment === '' || canonicalPath(`/${segment}`) === undefined
    ? 'holds a segment that has more than one reading, so that no request could match it'
    : undefined
}

const literalOf = (segment: string): string | undefined =>
  parameter.test(segment) ? undefined : canonicalPath(`/${segment}`)?.slice(1)

/** Whether every path that fits the second pattern fits the first. */
export function covers(wide: Pattern, narrow: Pattern): boolean {
  const { segments } = wide
  if (narrow.rest && !wide.rest) return false
  const lengths = narrow.segments.length - segments.length
  if (wide.rest ? lengths < 0 : lengths !== 0) return false
  return segments.every((segment, at) => segment === undefined || segment === narrow.segments[at])
}

/** Makes the test for paths in canonical form. */
export function matcherOf({ segments, rest }: Pattern): (path: string) => boolean {
  const literal = segments.map((segment) => `/${segment ?? ''}`).join('')
  if (segments.includes(undefined)) {
    const written = segments.map((segment) => (segment === undefined ? '/[^/]+' : quoted(segment)))
    const expression = new RegExp(`^${written.join('')}${rest ? '(?:/.*)?' : ''}$`)
    return (path) => expression.test(path)
  }
  if (!rest) {
    const whole = literal === '' ? '/' : literal
    return (path) => path === whole
  }
  if (literal === '') return () => true
  const below = `${literal}/`
  return (path) => path === literal || path.startsWith(below)
}

const quoted = (segment: string): string => `/${segment.replaceAll(/[$()*+.[\]^{|}]/g, '\\$&')}`
