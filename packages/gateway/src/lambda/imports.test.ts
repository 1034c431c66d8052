import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

/** Everything that is imported when a module is: packages by name, files by address. */
function importsOf(file: URL, seen: Map<string, URL>): Map<string, URL> {
  const text = readFileSync(file, 'utf8')
  for (const [, name = ''] of text.matchAll(
    /^(?:import|export)\s(?!type\b)[^'"]*?from '([^']+)'/gm,
  )) {
    const found = name.startsWith('.') ? new URL(name, file) : file
    const key = name.startsWith('.') ? found.href : name
    if (seen.has(key)) continue
    seen.set(key, found)
    if (name.startsWith('.')) importsOf(found, seen)
  }
  return seen
}

test('the Lambda entry loads nothing that only the service needs', () => {
  const all = [...importsOf(new URL('../lambda.ts', import.meta.url), new Map()).keys()]
  const packages = all.filter((name) => !name.startsWith('file:') && !name.startsWith('node:'))
  expect(packages.toSorted()).toEqual(['@portcullis/core', '@portcullis/redis'])
  expect(all.length).toBeGreaterThan(20)
})
