import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
  type YAMLMap,
} from 'yaml'
import type { Path, Problem } from './shape.ts'

/** A document that was read, and where in it things stand. */
export interface ReadDocument {
  readonly value: unknown
  /** Why it cannot be read; what is wrong in it comes later. */
  readonly problems: readonly LocatedProblem[]
  /** The place of a member, or of what would hold it where it is missing. */
  locate(problem: Problem): Place
}

/** Line and column, from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

export interface LocatedProblem extends Place {
  readonly message: string
}

// An alias may stand for much; a hundred of them are more than any configuration of ours needs.
const maxAliases = 100

/** Reads YAML 1.2, of which JSON is a part: no tags, no repeated names. */
export function readDocument(source: string): ReadDocument {
  const lines = new LineCounter()
  const document = parseDocument(source, {
    lineCounter: lines,
    stringKeys: true,
    uniqueKeys: true,
    resolveKnownTags: false,
    schema: 'core',
    merge: false,
    // What it would print are the lines themselves, with the secrets in them.
    prettyErrors: false,
    // Anything quieter would also pass over a second document.
    logLevel: 'error',
  })
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const problems: LocatedProblem[] = [...document.errors, ...document.warnings].map(
    ({ code, pos }) => ({ ...at(pos[0]), message: `cannot be read: ${wordsFor(code)}` }),
  )
  const { version, explicit } = document.directives?.yaml ?? {}
  if (explicit === true && version !== '1.2') {
    problems.push({ line: 1, column: 1, message: 'cannot be read: it must be YAML 1.2' })
  }
  return {
    ...valueOf(document, problems),
    locate: ({ path, atName = false }) => at(offsetOf(document, path, atName)),
  }
}

// Its own words for them quote the source.
const wordsFor = (code: string): string =>
  code === 'TAG_RESOLVE_FAILED' ? 'no tags are allowed' : code.toLowerCase().replaceAll('_', ' ')

function valueOf(
  document: Document,
  problems: readonly LocatedProblem[],
): Pick<ReadDocument, 'value' | 'problems'> {
  if (problems.length > 0) return { value: undefined, problems }
  try {
    const value: unknown = document.toJS({ maxAliasCount: maxAliases })
    // Throws where an alias stands inside of what it stands for.
    JSON.stringify(value)
    return { value, problems }
  } catch {
    const message = 'cannot be read: its aliases stand for too much'
    return { value: undefined, problems: [{ line: 1, column: 1, message }] }
  }
}

function offsetOf(document: Document, path: Path, atName: boolean): number {
  let node: unknown = document.contents
  let offset = startOf(node) ?? 0
  for (const [depth, step] of path.entries()) {
    const held = resolved(node, document)
    if (isSeq(held)) node = typeof step === 'number' ? held.items[step] : undefined
    else if (isMap(held)) {
      const { name, value } = pairOf(held, String(step))
      const isLast = depth === path.length - 1
      // A member whose value is another block is looked for at its name.
      if (atName && isLast) return startOf(name) ?? offset
      node = value
      offset = startOf(name) ?? offset
    } else return offset
    if (node === undefined) return offset
    offset = startOf(node) ?? offset
  }
  return offset
}

const resolved = (node: unknown, document: Document): unknown =>
  isAlias(node) ? node.resolve(document) : node

function pairOf(
  held: YAMLMap,
  wanted: string,
): { readonly name: unknown; readonly value: unknown } {
  const pair = held.items.find(({ key }) => isScalar(key) && String(key.value) === wanted)
  return { name: pair?.key, value: pair?.value ?? undefined }
}

const startOf = (node: unknown): number | undefined =>
  typeof node === 'object' && node !== null && 'range' in node
    ? // Every node that the parser made has its range.
      (node as Node).range?.[0]
    : undefined
