import { existsSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readRepository } from '../architecture/sources.ts'
import { compileModules } from '../support/compile-modules.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = join(root, 'node_modules', '.cache', `portcullis-docs-${process.pid}`)

const pages = readRepository().filter(
  ({ path }) => path.endsWith('.md') && !path.startsWith('.changeset/'),
)
const withCode = pages.filter(({ path }) =>
  /^(README|docs\/(guide\/|flows)|packages\/(core|express|koa|fetch|okta|redis)\/)/.test(path),
)

interface Block {
  /** Page and line, as a file name. */
  readonly name: string
  readonly code: string
}

/** The code blocks of a page, each a module of its own. */
const blocksOf = ({ path, text }: { readonly path: string; readonly text: string }): Block[] =>
  [...text.matchAll(/^```(?:ts|js)\n([\s\S]*?)^```$/gm)].map((match) => ({
    name: `${path.replaceAll(/\W/g, '-')}-${text.slice(0, match.index).split('\n').length}`,
    code: match[1] ?? '',
  }))

// What a page has made in an earlier block.
const earlier = `
declare const app: import('express').Express
declare const guard: import('@portcullis/core').Guard
`

const compile = (blocks: readonly Block[]): Promise<string> =>
  compileModules(folder, new Map(blocks.map(({ name, code }) => [name, code])), earlier)

describe('the code in README and guide', () => {
  const blocks = withCode.flatMap(blocksOf)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('is there', () => {
    expect(blocks.length).toBeGreaterThan(25)
  })

  it('compiles', async () => {
    expect(await compile(blocks)).toBe('')
  })

  it('would not compile with a mistake in it', async () => {
    const code = "import { createGuard } from '@portcullis/express'\ncreateGuard({ audiance: 'a' })"
    expect(await compile([{ name: 'mistake', code }])).toContain('mistake.ts(2')
  })
})

describe('the pages', () => {
  const known = new Map<string, ReadonlySet<string>>()
  beforeAll(() => {
    for (const { path, text } of pages) known.set(path, anchorsOf(text))
  })

  it.each(pages.map(({ path, text }) => [path, text] as const))(
    '%s links to what exists',
    (path, text) => {
      const links = [...text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, link]) => link ?? '')
      const broken = links.filter((link) => {
        const [file = '', anchor] = link.split('#')
        const target = file === '' ? path : join(dirname(path), file)
        if (!existsSync(resolve(root, target))) return true
        return anchor !== undefined && !known.get(target)?.has(anchor)
      })
      expect(broken).toEqual([])
    },
  )

  it.each(pages.map(({ path, text }) => [path, text] as const))(
    '%s names files that exist',
    (_path, text) => {
      const named = [
        ...text.matchAll(/`((?:packages|test|examples|scripts|docs)\/[\w./-]+)`/g),
      ].map(([, file]) => file ?? '')
      expect(named.filter((file) => !existsSync(resolve(root, file)))).toEqual([])
    },
  )
})

const sources = ['packages/core/src', 'packages/okta/src', 'packages/testkit/src']
const held = [
  { path: 'docs/standards.md', folders: ['.', 'packages/core/src'] },
  {
    path: 'packages/core/src/standards/jwt/README.md',
    folders: ['.', 'packages/core/src', 'packages/core/src/standards/jwt'],
  },
  { path: 'docs/okta.md', folders: ['.', ...sources] },
]

describe.each(held)('$path', ({ path, folders }) => {
  const text = pages.find((page) => page.path === path)?.text ?? ''
  const named = [...text.matchAll(/`([\w./-]+\.ts)`/g)].map(([, file]) => file ?? '')

  it('names code and tests that exist', () => {
    const missing = named.filter(
      (file) => !folders.some((within) => existsSync(resolve(root, within, file))),
    )
    expect(named.length).toBeGreaterThan(20)
    expect(missing).toEqual([])
  })

  it('names a test for every clause', () => {
    const rows = text.split('\n').filter((line) => /^\|.*\.ts`/.test(line))
    expect(rows.filter((row) => !row.includes('.test.ts`'))).toEqual([])
  })
})

describe('docs/okta.md', () => {
  const text = pages.find((page) => page.path === 'docs/okta.md')?.text ?? ''
  const [ours = '', emulator = ''] = text.split('## The emulator')
  const cells = (part: string): readonly (readonly string[])[] =>
    part
      .split('\n')
      .filter((line) => /^\| (?!Point |---)/.test(line))
      .map((line) => line.split(/(?<!\\)\|/).slice(1, -1))

  it('names nothing that is not exported', () => {
    const code = readRepository().filter(({ path }) => /^packages\/(core|okta|redis)\//.test(path))
    const exported = code.filter(({ path }) => path.endsWith('/src/index.ts'))
    const isThere = (name: string, method: string | undefined) =>
      exported.some(({ text: names }) => new RegExp(`\\b${name}\\b`).test(names)) &&
      (method === undefined || code.some(({ text: one }) => one.includes(`\n  ${method}(`)))
    const named = cells(ours).flatMap(([, api = '']) => [
      ...api.matchAll(/`([a-zA-Z]{6,})(?:\(\)\.(\w+))?`/g),
    ])
    expect(named.filter(([, name = '', method]) => !isThere(name, method))).toEqual([])
    expect(named.length).toBeGreaterThan(80)
  })

  it('has a test for each point, or says why it is not offered', () => {
    const rows = [...cells(ours), ...cells(emulator)]
    const bare = rows.filter(
      ([, api = '', test = '']) => test.trim() === '' && !api.includes('_Not offered_'),
    )
    expect(rows.length).toBeGreaterThan(90)
    expect(bare).toEqual([])
    expect(text).not.toMatch(/not yet/i)
  })
})

// As repository hosts make them.
const anchorsOf = (text: string): ReadonlySet<string> =>
  new Set(
    [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w\s-]/g, '')
        .replaceAll(' ', '-'),
    ),
  )
