import { codeLines, exportsOf, importsOf, neighboursOf, type Source } from './sources.ts'

// The arrows of the core. A new folder stands here before it stands in the tree.
const base = ['http', 'errors', 'lib']
const spine: Readonly<Record<string, readonly string[]>> = {
  http: base,
  errors: base,
  lib: base,
  issuer: base,
  client: [...base, 'issuer'],
  guard: [...base, 'issuer'],
  session: [...base, 'issuer', 'client', 'guard'],
  login: [...base, 'issuer', 'client', 'guard', 'session'],
}
const subfolders = ['guard/rules']
const standards = [
  'standards/back-channel-logout',
  'standards/ciba',
  'standards/device',
  'standards/front-channel-logout',
  'standards/introspection',
  'standards/jar',
  'standards/jarm',
  'standards/jwt',
  'standards/jwt-bearer',
  'standards/mtls',
  'standards/par',
  'standards/password',
  'standards/private-key-jwt',
  'standards/rp-logout',
  'standards/saml-bearer',
  'standards/step-up',
  'standards/token-exchange',
]
const standardsMayUse: Readonly<Record<string, readonly string[]>> = {
  'standards/par': ['standards/jar'],
  'standards/back-channel-logout': ['standards/jwt'],
  'standards/introspection': ['standards/jwt'],
}
// The files that put the parts together.
const pickDefaults = ['index.ts', 'client/create.ts', 'guard/create.ts', 'login/create.ts']
const mayUseNode = ['http/node.ts', 'lib/seal.ts', 'standards/jwt/signature.ts']

const folderOf = (path: string): string => path.split('/').slice(0, -1).join('/')

/** The part of the core that a file belongs to: a folder of the spine, a standard, or the entry itself. */
const partOf = (path: string): string =>
  path
    .split('/')
    .slice(0, path.startsWith('standards/') ? 2 : 1)
    .join('/')

const isEntry = (path: string): boolean => !path.includes('/')

const mayUse = (from: string, to: string): boolean => {
  const [part, target] = [partOf(from), partOf(to)]
  if (part === target) return true
  if (pickDefaults.includes(from)) return from === 'index.ts' || target !== 'index.ts'
  if (isEntry(from)) return base.includes(target)
  if (part in spine) return spine[part]?.includes(target) ?? false
  return target in spine || (standardsMayUse[part]?.includes(target) ?? false)
}

/** Imports inside the core that go against the arrows. */
export const againstTheArrows = (core: readonly Source[]): readonly string[] =>
  core.flatMap((source) =>
    neighboursOf(source)
      .filter((target) => !mayUse(source.path, target))
      .map((target) => `${source.path} imports ${target}`),
  )

/** Folders of the core that nobody has given a place among the arrows. */
export const unknownFolders = (core: readonly Source[]): readonly string[] => {
  const known = ['', ...Object.keys(spine), ...subfolders, ...standards]
  return [...new Set(core.map(({ path }) => folderOf(path)))].filter(
    (folder) => !known.includes(folder),
  )
}

const packageOf = (name: string): string =>
  name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/')

/** Imports from outside the package that are not on its list; `node:*` stands for all of Node's. */
export const foreignImports = (
  sources: readonly Source[],
  allowed: readonly string[],
): readonly string[] =>
  sources.flatMap((source) =>
    importsOf(source)
      .filter((name) => !name.startsWith('.'))
      .filter((name) => !allowed.includes(name.startsWith('node:') ? 'node:*' : packageOf(name)))
      .map((name) => `${source.path} imports ${name}`),
  )

/** Files of the core that reach for Node.js without being one of those that may. */
export const nodeOutsideItsFiles = (core: readonly Source[]): readonly string[] =>
  core
    .filter(({ path }) => !mayUseNode.includes(path))
    .filter((source) => importsOf(source).some((name) => name.startsWith('node:')))
    .map(({ path }) => path)

/** Lines of code of a package, without blank lines and comments. */
export const weight = (sources: readonly Source[]): number =>
  sources.reduce((sum, { text }) => sum + codeLines(text).length, 0)

/** Files longer than a person reads in one go. */
export const tooLong = (sources: readonly Source[], limit: number): readonly string[] =>
  sources
    .map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > limit)
    .map(({ path, lines }) => `${path} has ${lines} lines`)

const kebab =
  /^([a-z0-9]+(-[a-z0-9]+)*\/)*[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*\.(ts|json|md)$/

/** Files and folders that are not named like-this. */
export const oddlyNamed = (sources: readonly Source[]): readonly string[] =>
  sources
    .map(({ path }) => path)
    .filter((path) => !kebab.test(path) && !path.endsWith('/README.md'))

const vague = /^(strategy|provider|manager|service|helper|util|context|factory)s?$/i

/** Exported names with a word that says nothing, or with a prefix that says what the compiler knows. */
export const vagueNames = (sources: readonly Source[]): readonly string[] =>
  sources.flatMap((source) =>
    exportsOf(source)
      .filter(
        (name) =>
          name.split(/(?=[A-Z])|_/).some((word) => vague.test(word)) ||
          /^(I[A-Z][a-z]|Base[A-Z])/.test(name),
      )
      .map((name) => `${source.path} exports ${name}`),
  )

/** Files that hold one of the words. */
export const mentions = (sources: readonly Source[], words: readonly string[]): readonly string[] =>
  sources.flatMap(({ path, text }) =>
    words.filter((word) => text.includes(word)).map((word) => `${path} mentions ${word}`),
  )

// Written in pieces, because this file is among those that are read.
const leftover = new RegExp(
  `\\b(it|test|describe)\\.(${['skip', 'only', 'todo'].join('|')})\\b|\\b(${['TO', 'FIX'].join('DO|')}ME)\\b`,
)

/** Tests that do not run, and promises to come back. */
export const leftovers = (sources: readonly Source[]): readonly string[] =>
  sources.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, at) => (leftover.test(line) ? [`${path}:${at + 1}`] : [])),
  )
