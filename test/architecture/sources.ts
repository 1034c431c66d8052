import { readFileSync, readdirSync } from 'node:fs'
import { join, posix, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Source {
  /** From the root of the repository, with slashes. */
  readonly path: string
  readonly text: string
}

const root = fileURLToPath(new URL('../..', import.meta.url))
const foreign = new Set(['node_modules', 'dist', 'bundle', 'coverage', '.git', '.cache'])
const textual = /(^|\/)(run|LICENSE|\.[a-z]+rc)$|\.(c|m)?[jt]s$|\.(json|md|ya?ml|html|css|sh|txt)$/

const walk = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return foreign.has(entry.name) ? [] : walk(path)
    return entry.isFile() ? [path] : []
  })

/** Every text file of ours, whether committed yet or not. */
export const readRepository = (): readonly Source[] =>
  walk(root)
    .map((file) => ({ file, path: relative(root, file).split(sep).join('/') }))
    .filter(({ path }) => textual.test(path))
    .map(({ file, path }) => ({ path, text: readFileSync(file, 'utf8') }))

/** The sources of a package that are published, by their path inside `src`. */
export const sourcesOf = (all: readonly Source[], name: string): readonly Source[] => {
  const start = `packages/${name}/src/`
  return all
    .filter(({ path }) => path.startsWith(start) && path.endsWith('.ts'))
    .filter(({ path }) => !path.endsWith('.test.ts'))
    .map(({ path, text }) => ({ path: path.slice(start.length), text }))
}

const comment = /^\s*(\/\/|\/\*|\*)/

/** Lines that are neither blank nor comment. */
export const codeLines = (text: string): readonly string[] =>
  text.split('\n').filter((line) => line.trim() !== '' && !comment.test(line))

const specifier = /(?:\bfrom\s+|\bimport\s*\(?\s*|\brequire\s*\(\s*)['"]([^'"\n]+)['"]/g

/** What a module imports or re-exports, types included, as written. */
export const importsOf = ({ text }: Source): readonly string[] =>
  [...codeLines(text).join('\n').matchAll(specifier)].map((match) => match[1] ?? '')

/** What a module imports of its own package, by path inside `src`. */
export const neighboursOf = (source: Source): readonly string[] =>
  importsOf(source)
    .filter((name) => name.startsWith('.'))
    .map((name) => posix.join(posix.dirname(source.path), name))

const declared =
  /^export (?:declare )?(?:async )?(?:const|let|function\*?|class|interface|type|enum) (\w+)/gm
const listed = /^export (?:type )?\{([^}]*)\}/gm

/** The names that a module exports, `default` included. */
export const exportsOf = ({ text }: Source): readonly string[] => [
  ...[...text.matchAll(declared)].map((match) => match[1] ?? ''),
  ...[...text.matchAll(listed)].flatMap((match) =>
    (match[1] ?? '')
      .split(',')
      .map((item) => item.trim().replace(/^type /, ''))
      .filter((item) => item !== '')
      .map((item) => item.split(/\s+as\s+/).at(-1) ?? item),
  ),
]
