import type { Path, Tell } from './shape.ts'

/** Where references are looked up. */
export interface Sources {
  /** Default: `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Reads a text file. Default: that of Node. */
  readonly readFile?: (path: string) => string
}

const whole = /^\$\{(env|file):([^}]+)\}$/
const begun = /\$\{(?:env|file):/

/** Puts in what texts of the form `${env:NAME}` and `${file:/path}` refer to, wherever they stand. */
export function resolve(
  value: unknown,
  path: Path,
  sources: Required<Sources>,
  tell: Tell,
): unknown {
  if (Array.isArray(value)) {
    return value.map((item, at) => resolve(item, [...path, at], sources, tell))
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, held]) => [
        name,
        resolve(held, [...path, name], sources, tell),
      ]),
    )
  }
  if (typeof value !== 'string' || !begun.test(value)) return value
  const [, kind, of = ''] = whole.exec(value) ?? []
  const found =
    kind === undefined
      ? { wrong: 'must be the reference and nothing else' }
      : kind === 'env'
        ? fromEnv(of, sources)
        : fromFile(of, sources)
  if ('text' in found) return found.text
  tell({ path, message: found.wrong })
  return value
}

type Found = { readonly text: string } | { readonly wrong: string }

function fromEnv(name: string, { env }: Required<Sources>): Found {
  const text = Object.hasOwn(env, name) ? env[name] : undefined
  return text === undefined || text === ''
    ? { wrong: `refers to the environment variable ${JSON.stringify(name)}, which is not set` }
    : { text }
}

function fromFile(path: string, { readFile }: Required<Sources>): Found {
  const shown = JSON.stringify(path)
  if (!path.startsWith('/'))
    return { wrong: `refers to the file ${shown}: the path must be absolute` }
  try {
    const text = readFile(path).replace(/\r?\n$/, '')
    return text === '' ? { wrong: `refers to the file ${shown}, which is empty` } : { text }
  } catch (error) {
    return { wrong: `refers to the file ${shown}, which cannot be read (${codeOf(error)})` }
  }
}

/** The name of a failure of the file system; its message is not needed. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
