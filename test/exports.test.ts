import { describe, expect, it } from 'vitest'
import { exportsOf, readRepository } from './architecture/sources.ts'

interface Entry {
  readonly name: string
  readonly entry: string
  readonly module: () => Promise<object>
}

const published: readonly Entry[] = [
  {
    name: '@portcullis/core',
    entry: 'packages/core/src/index.ts',
    module: () => import('@portcullis/core'),
  },
  {
    name: '@portcullis/core/node',
    entry: 'packages/core/src/node.ts',
    module: () => import('@portcullis/core/node'),
  },
  {
    name: '@portcullis/express',
    entry: 'packages/express/src/index.ts',
    module: () => import('@portcullis/express'),
  },
  {
    name: '@portcullis/koa',
    entry: 'packages/koa/src/index.ts',
    module: () => import('@portcullis/koa'),
  },
  {
    name: '@portcullis/fetch',
    entry: 'packages/fetch/src/index.ts',
    module: () => import('@portcullis/fetch'),
  },
  {
    name: '@portcullis/okta',
    entry: 'packages/okta/src/index.ts',
    module: () => import('@portcullis/okta'),
  },
  {
    name: '@portcullis/redis',
    entry: 'packages/redis/src/index.ts',
    module: () => import('@portcullis/redis'),
  },
  {
    name: '@portcullis/gateway',
    entry: 'packages/gateway/src/index.ts',
    module: () => import('@portcullis/gateway'),
  },
  {
    name: '@portcullis/gateway/lambda',
    entry: 'packages/gateway/src/lambda.ts',
    module: () => import('@portcullis/gateway/lambda'),
  },
  {
    name: '@portcullis/testkit',
    entry: 'packages/testkit/src/index.ts',
    module: () => import('@portcullis/testkit'),
  },
  {
    name: '@portcullis/testkit/contract',
    entry: 'packages/testkit/src/contract.ts',
    module: () => import('@portcullis/testkit/contract'),
  },
]

const repository = readRepository()
const core = new Set(Object.keys(await import('@portcullis/core')))

// What users may import, by name, is in test/exports: a change there is a change for them, and wants a
// changeset. `npx vitest run test/exports.test.ts -u` writes the lists anew.
describe.each(published)('$name', ({ name, entry, module }) => {
  const text = repository.find(({ path }) => path === entry)?.text ?? ''

  it('exports the names in its list', async () => {
    const all = Object.keys(await module())
    const values = name === '@portcullis/core' ? all : all.filter((found) => !core.has(found))
    const types = exportsOf({ path: entry, text }).filter((found) => !values.includes(found))
    expect(values.length + types.length).toBeGreaterThan(0)
    const list = [...values.toSorted(), '', ...types.map((type) => `type ${type}`).toSorted(), '']
    const file = name.replace('@portcullis/', '').replace('/', '-')
    await expect(list.join('\n')).toMatchFileSnapshot(`exports/${file}.txt`)
  })
})

it.each(['express', 'koa', 'fetch'])('all of the core comes with the %s adapter', async (name) => {
  const entry = published.find((one) => one.name === `@portcullis/${name}`)
  expect(Object.keys((await entry?.module()) ?? {})).toEqual(expect.arrayContaining([...core]))
})

it('leaves no entry point out of the list', () => {
  const entries = repository
    .filter(({ path }) => /^packages\/[^/]+\/package\.json$/.test(path))
    .flatMap(({ text }) => {
      const { name, exports }: { name: string; exports: object } = JSON.parse(text)
      return Object.keys(exports)
        .filter((path) => !path.endsWith('.json') && path !== './augment')
        .map((path) => `${name}${path.slice(1)}`)
    })
  expect(new Set(entries)).toEqual(new Set(published.map(({ name }) => name)))
})
