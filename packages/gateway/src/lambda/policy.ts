import type { Pattern } from '../routing/pattern.ts'
import type { MethodArn } from './arn.ts'
import type { Globs } from './coverage.ts'
import type { PolicyAnswer, PolicyStatement } from './events.ts'

/** What may be called with one method. */
export interface Permitted extends Globs {
  readonly method: string
}

/** API Gateway's own limit for a resource in a policy. */
export const longestResource = 512

/** Writes a policy: what may be called, and nothing that only looks like it. */
export function writePolicy(
  { base }: MethodArn,
  permitted: readonly Permitted[],
): PolicyAnswer['policyDocument'] {
  const allow = permitted.flatMap(({ method, allow: patterns }) =>
    resources(base, method, patterns),
  )
  const deny = permitted.flatMap(({ method, deny: patterns }) => resources(base, method, patterns))
  if (allow.length === 0) return documentOf([statement('Deny', [`${base}*`])])
  const twisted = allow.some((resource) => resource.endsWith('*') || resource.includes('*/'))
    ? [...ambiguous, ...disguised(permitted)].map((part) => `${base}${part}`)
    : []
  const denied = [...deny, ...twisted]
  return documentOf([
    statement('Allow', allow),
    ...(denied.length > 0 ? [statement('Deny', denied)] : []),
  ])
}

/** Writes a policy for the request at hand alone. */
export function writeOne(
  { base, method, path }: MethodArn,
  mayPass: boolean,
): PolicyAnswer['policyDocument'] {
  const resource = `${base}${method}${path}`
  // What a client writes must not become a wildcard.
  const isPlain = resource.length <= longestResource && !/[*?$]/.test(path)
  return mayPass && isPlain
    ? documentOf([statement('Allow', [resource])])
    : documentOf([statement('Deny', [`${base}*`])])
}

/** The resources of a pattern, without ARN: that of `/**` has no end to name. */
export function resourcesOf({ segments, rest }: Pattern): readonly string[] {
  const path = segments.map((segment) => `/${segment ?? '*'}`).join('')
  if (!rest) return [path === '' ? '/' : path]
  return path === '' ? ['/*'] : [path, `${path}/*`]
}

const resources = (
  base: string,
  method: string,
  patterns: readonly Pattern[],
): readonly string[] => [
  ...new Set(patterns.flatMap(resourcesOf).map((path) => `${base}${method}${path}`)),
]

const statement = (
  Effect: PolicyStatement['Effect'],
  Resource: readonly string[],
): PolicyStatement => ({ Action: 'execute-api:Invoke', Effect, Resource })

const documentOf = (Statement: readonly PolicyStatement[]): PolicyAnswer['policyDocument'] => ({
  Version: '2012-10-17',
  Statement,
})

// Codes of what means something else once it is decoded, of control characters (`?` is any letter
// here), and of the bytes with which overlong sequences begin.
const twoEdged = '2f 2F 5c 5C 2e 2E 3b 3B 23 25 3f 3F 7f 7F 0? 1? c0 C0 c1 C1'.split(' ')

// Paths with more than one reading, which the table refuses and a `*` would take.
const ambiguous: readonly string[] = [
  '*//*',
  '*/./*',
  '*/.',
  '*/../*',
  '*/..',
  '*;*',
  '*\\*',
  '*#*',
  ...twoEdged.map((code) => `*%${code}*`),
]

/**
 * Other spellings of paths that are denied: `%61dmin` is `admin` to an upstream that decodes. Only the
 * letters of denied paths, because a policy has no more than 8 KB.
 */
const disguised = (permitted: readonly Permitted[]): readonly string[] => {
  const named = permitted.flatMap(({ deny }) => deny.flatMap(({ segments }) => segments))
  const letters = new Set(named.flatMap((segment) => segment?.match(/[\w\-.~]/g) ?? []))
  const codes = [...letters].flatMap((letter) => {
    const code = letter.charCodeAt(0).toString(16)
    return [code, code.toUpperCase()]
  })
  return [...new Set(codes)].map((code) => `*%${code}*`).filter((part) => !ambiguous.includes(part))
}
