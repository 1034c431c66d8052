import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { gatewayShape } from './gateway-shape.ts'
import { jsonSchema } from './schema.ts'
import type { Shape } from './shape.ts'

/** A member, as the guide names it. */
interface Described {
  /** `issuers[].introspection.cache.ttl` */
  readonly path: string
  readonly about: string
  readonly required: boolean
}

/** Every member of a shape, those of inner objects behind their own. */
function describeMembers(shape: Shape<unknown>, path = ''): readonly Described[] {
  const own = Object.entries(shape.members ?? {}).flatMap(([name, { shape: inner, ...said }]) => {
    const at = path === '' ? name : `${path}.${name}`
    return [{ path: at, ...said }, ...describeMembers(inner, at)]
  })
  return [...own, ...(shape.item ? describeMembers(shape.item, `${path}[]`) : [])]
}

const read = (path: string): string =>
  readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8')

const sorted = (texts: readonly (string | undefined)[]): readonly string[] =>
  texts.map(String).toSorted((a, b) => (a < b ? -1 : 1))

// After a change of the shape: put the left side into the file, with `JSON.stringify(value, null, 2)`.
test('the published JSON Schema is the one of the shape', () => {
  expect(jsonSchema()).toEqual(JSON.parse(read('packages/gateway/schema/gateway.schema.json')))
})

describe('the guide', () => {
  const page = read('docs/guide/gateway-configuration.md')
  const rows = page.split('\n').flatMap((line) => {
    const [, path, about] = /^\| `([^`]+)`\*? *\| (.*?) *\|$/.exec(line) ?? []
    return path === undefined || about === undefined ? [] : [`${path}: ${about}`]
  })

  test('names every member of a configuration with what it does, and no other', () => {
    const known = describeMembers(gatewayShape).map(({ path, about }) => `${path}: ${about}`)
    expect(sorted(rows)).toEqual(sorted(known))
  })

  test('marks what must be there', () => {
    const marked = [...page.matchAll(/^\| `([^`]+)`\* /gm)].map(([, path]) => path)
    const required = describeMembers(gatewayShape).filter((member) => member.required)
    expect(sorted(marked)).toEqual(sorted(required.map(({ path }) => path)))
  })
})
