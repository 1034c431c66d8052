import { describe, expect, it } from 'vitest'
import { againstTheGateway } from './architecture/gateway.ts'
import {
  againstTheArrows,
  foreignImports,
  leftovers,
  mentions,
  nodeOutsideItsFiles,
  oddlyNamed,
  tooLong,
  unknownFolders,
  vagueNames,
  weight,
} from './architecture/rules.ts'
import { readRepository, sourcesOf, type Source } from './architecture/sources.ts'

const repository = readRepository()
const core = sourcesOf(repository, 'core')
const published = repository.filter(({ path }) => /^packages\/[^/]+\/src\//.test(path))
const sources = published.filter(({ path }) => !path.endsWith('.test.ts'))

const source = (path: string, ...lines: readonly string[]): Source => ({
  path,
  text: lines.join('\n'),
})

const adapters = [
  { name: 'express', hosts: ['express'] },
  { name: 'koa', hosts: ['koa'] },
  { name: 'fetch', hosts: [] },
]

it('reads the whole tree', () => {
  const paths = core.map(({ path }) => path)
  expect(paths).toEqual(expect.arrayContaining(['index.ts', 'guard/rule.ts', 'errors/table.ts']))
  expect(paths.filter((path) => path.endsWith('.test.ts'))).toEqual([])
  expect(repository.map(({ path }) => path)).toContain('.ci/run')
})

describe('the core', () => {
  it('follows the arrows', () => {
    expect(againstTheArrows(core)).toEqual([])
  })

  it('has no folder without a place among the arrows', () => {
    expect(unknownFolders(core)).toEqual([])
  })

  it('knows no framework and no adapter', () => {
    const allowed = ['jose', 'lru-cache', 'oauth4webapi', 'node:*']
    expect(foreignImports(core, allowed)).toEqual([])
  })

  it('reaches for Node.js in three files only', () => {
    expect(nodeOutsideItsFiles(core)).toEqual([])
  })

  it('exports names that say something', () => {
    expect(vagueNames(core)).toEqual([])
  })
})

describe.each(adapters)('the adapter $name', ({ name, hosts }) => {
  const adapter = sourcesOf(repository, name)

  it('imports the core and its own host, nothing else', () => {
    expect(adapter.length).toBeGreaterThan(0)
    expect(foreignImports(adapter, ['@portcullis/core', ...hosts])).toEqual([])
  })

  it('has at most 60 lines of code', () => {
    expect(weight(adapter)).toBeLessThanOrEqual(60)
  })
})

describe('the gateway', () => {
  const gateway = sourcesOf(repository, 'gateway')

  it('follows its arrows', () => {
    expect(gateway.length).toBeGreaterThan(0)
    expect(againstTheGateway(gateway)).toEqual([])
  })

  it('notices an arrow that is turned round, and a folder that has none', () => {
    const turned = source('check/create.ts', `import { listenHttp } from '../listen/http.ts'`)
    const lost = source('extras/more.ts', 'export const more = 1')
    expect(againstTheGateway([turned, lost])).toEqual([
      'check/create.ts imports listen/http.ts',
      'extras/more.ts is in a folder without arrows',
    ])
  })

  it('uses the packages that a decision names', () => {
    const allowed = ['@portcullis/core', '@portcullis/redis', 'redis', 'yaml', 'prom-client']
    expect(
      foreignImports(gateway, [...allowed, '@grpc/grpc-js', '@grpc/proto-loader', 'node:*']),
    ).toEqual([])
  })
})

describe('every package', () => {
  it('is in the list of adapters, or is no adapter', () => {
    const names = new Set(published.map(({ path }) => path.split('/')[1]))
    expect(names).toEqual(
      new Set(['core', 'express', 'fetch', 'gateway', 'koa', 'okta', 'redis', 'testkit']),
    )
  })

  it('has files that a person reads in one go', () => {
    expect(tooLong(sources, 250)).toEqual([])
  })

  it('names its files like-this', () => {
    const inside = published.map(({ path, text }) => ({
      path: path.replace(/^packages\/[^/]+\/src\//, ''),
      text,
    }))
    expect(oddlyNamed(inside)).toEqual([])
  })

  it('lets the stores over Redis use the core alone: the client is that of the application', () => {
    expect(foreignImports(sourcesOf(repository, 'redis'), ['@portcullis/core', 'node:*'])).toEqual(
      [],
    )
  })

  it('lets what only Okta has use the core alone', () => {
    expect(foreignImports(sourcesOf(repository, 'okta'), ['@portcullis/core', 'node:*'])).toEqual(
      [],
    )
  })

  it('lets the testkit use the core, jose and oidc-provider alone', () => {
    const allowed = ['@portcullis/core', 'jose', 'oidc-provider', 'node:*']
    expect(foreignImports(sourcesOf(repository, 'testkit'), allowed)).toEqual([])
  })
})

describe('the repository', () => {
  // In pieces, or this file would name them.
  const hosts = [
    ['registry', 'npmjs', 'org'],
    ['registry', 'yarnpkg', 'com'],
    ['npm', 'pkg', 'github', 'com'],
    ['files', 'pythonhosted', 'org'],
    ['static', 'crates', 'io'],
    ['proxy', 'golang', 'org'],
    ['repo1', 'maven', 'org'],
    ['deb', 'debian', 'org'],
  ].map((parts) => parts.join('.'))

  it('names no host of a package registry', () => {
    expect(mentions(repository, hosts)).toEqual([])
  })

  it('names no folder of a developer', () => {
    expect(
      mentions(repository, [['', 'work', 'main'].join('/'), ['', 'tmp', 'brief'].join('/')]),
    ).toEqual([])
  })

  it('leaves no test out and nothing for later', () => {
    expect(
      leftovers(
        repository.filter(({ path }) => /^(packages|test|bench|examples|scripts)\//.test(path)),
      ),
    ).toEqual([])
  })
})

describe('the checks themselves', () => {
  it.each([
    ['issuer/create.ts', '../guard/guard.ts'],
    ['lib/assert.ts', '../issuer/create.ts'],
    ['guard/guard.ts', '../standards/jwt/verify.ts'],
    ['guard/guard.ts', '../session/session.ts'],
    ['guard/rules/scope.ts', '../../standards/jwt/verify.ts'],
    ['issuer/keys.ts', '../standards/jwt/signature.ts'],
    ['standards/dpop/proof.ts', '../jwt/verify.ts'],
    ['standards/jwt/verify.ts', '../dpop/proof.ts'],
    ['guard/create.ts', '../index.ts'],
    ['node.ts', './guard/guard.ts'],
    ['elsewhere/a.ts', '../standards/jwt/verify.ts'],
  ])('see that %s must not import %s', (path, target) => {
    expect(againstTheArrows([source(path, `import { a } from '${target}'`)])).toHaveLength(1)
    expect(againstTheArrows([source(path, `import type { A } from '${target}'`)])).toHaveLength(1)
    expect(againstTheArrows([source(path, 'export {', '  a,', `} from '${target}'`)])).toHaveLength(
      1,
    )
    expect(againstTheArrows([source(path, `const a = await import('${target}')`)])).toHaveLength(1)
  })

  it.each([
    ['guard/create.ts', '../standards/jwt/verify.ts'],
    ['index.ts', './standards/jwt/verify.ts'],
    ['node.ts', './http/node.ts'],
    ['standards/jwt/verify.ts', '../../guard/token.ts'],
    ['standards/jwt/verify.ts', './signature.ts'],
    ['standards/introspection/verify.ts', '../jwt/verify.ts'],
    ['errors/refusal.ts', '../http/challenge.ts'],
    ['login/create.ts', '../standards/par/delivery.ts'],
  ])('let %s import %s', (path, target) => {
    expect(againstTheArrows([source(path, `import { a } from '${target}'`)])).toEqual([])
  })

  it('see a folder that nobody listed', () => {
    expect(unknownFolders([source('guard/a.ts'), source('misc/a.ts')])).toEqual(['misc'])
    expect(unknownFolders([source('standards/dpop/a.ts')])).toEqual(['standards/dpop'])
    expect(unknownFolders([source('guard/deep/a.ts')])).toEqual(['guard/deep'])
  })

  it('see imports from outside, whatever they look like', () => {
    const lines = [
      "import express from 'express'",
      "import '@portcullis/koa/augment'",
      "import { readFile } from 'node:fs/promises'",
      "// import { a } from 'only-a-comment'",
    ]
    expect(foreignImports([source('a.ts', ...lines)], ['jose'])).toEqual([
      'a.ts imports express',
      'a.ts imports @portcullis/koa/augment',
      'a.ts imports node:fs/promises',
    ])
    expect(
      foreignImports([source('a.ts', ...lines)], ['express', '@portcullis/koa', 'node:*']),
    ).toEqual([])
  })

  it('see Node.js where it must not be', () => {
    const text = "import { createHash } from 'node:crypto'"
    const files = [source('guard/guard.ts', text), source('standards/jwt/signature.ts', text)]
    expect(nodeOutsideItsFiles(files)).toEqual(['guard/guard.ts'])
  })

  it('count code, not comments', () => {
    expect(
      weight([source('a.ts', '/**', ' * Why.', ' */', '', 'const a = 1 // yes', '// no')]),
    ).toBe(1)
  })

  it('see a file that is too long', () => {
    expect(tooLong([source('a.ts', '1', '2', '3', '')], 2)).toEqual(['a.ts has 3 lines'])
    expect(tooLong([source('a.ts', '1', '2', '')], 2)).toEqual([])
  })

  it('see names that are not like-this', () => {
    const names = ['keySource.ts', 'guard/Create.ts', 'key_source.ts', 'Guard/create.ts']
    expect(oddlyNamed(names.map((name) => source(name)))).toEqual(names)
    expect(oddlyNamed([source('guard/key-source.test.ts'), source('a2.ts')])).toEqual([])
  })

  it.each([
    'export interface TokenProvider {',
    'export class IssuerManager {',
    'export const guardFactory = 1',
    'export type IGuard = 1',
    'export class BaseGuard {',
    'export { a as httpUtils }',
    "export { type RequestContext } from './a.ts'",
    'export async function contextOf() {',
  ])('see the empty word in: %s', (line) => {
    expect(vagueNames([source('a.ts', line)])).toHaveLength(1)
  })

  it('let other names pass', () => {
    const lines = ['export interface Issuer {', 'export const createGuard = 1', 'const util = 1']
    expect(vagueNames([source('a.ts', ...lines)])).toEqual([])
  })

  it('see a word, and what was left for later', () => {
    expect(mentions([source('a.md', 'from example.org')], ['example.org'])).toHaveLength(1)
    const later = ['describe.on', 'ly(', '\n// TO', 'DO: more'].join('')
    expect(leftovers([source('a.test.ts', 'it.skipIf(slow)'), source('b.test.ts', later)])).toEqual(
      ['b.test.ts:1', 'b.test.ts:2'],
    )
  })
})
