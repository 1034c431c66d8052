import { readFileSync } from 'node:fs'
import { ConfigurationError } from '@portcullis/core'
import type { GatewayConfig } from './config.ts'
import { readDocument } from './document.ts'
import { gatewayShape } from './gateway-shape.ts'
import { checkMeaning } from './meaning.ts'
import { codeOf, resolve, type Sources } from './references.ts'
import { hold, type Path, type Problem, type Tell } from './shape.ts'
import { soundPartsOf } from './sound.ts'

/** Reads and checks a file, YAML or JSON. Throws a `ConfigurationError` that names every problem, a line each. */
export function loadConfig(path: string, sources: Sources = {}): GatewayConfig {
  const complete = completed(sources)
  return parseConfig(sourceOf(path, complete.readFile), path, complete)
}

/** The same of a text; `name` is what messages call it. */
export function parseConfig(text: string, name: string, sources: Sources = {}): GatewayConfig {
  const { value, problems: unreadable, locate } = readDocument(text)
  if (unreadable.length > 0) {
    throw failure(
      unreadable.map(({ line, column, message }) => `${name}:${line}:${column} ${message}`),
    )
  }
  const missing: Problem[] = []
  const resolved = resolve(value, [], completed(sources), (problem) => missing.push(problem))
  const wrong = problemsOf(resolved).filter(
    ({ path }) => !missing.some((other) => shown(other.path) === shown(path)),
  )
  const located = [...missing, ...wrong].map((problem) => ({ problem, ...locate(problem) }))
  const sorted = located.toSorted((a, b) => a.line - b.line || a.column - b.column)
  if (sorted.length > 0) {
    throw failure(
      sorted.map(({ problem, line, column }) => `${name}:${line}:${column} ${sentence(problem)}`),
    )
  }
  // No problem was found.
  return resolved as GatewayConfig
}

/** Checks what a program hands over in code. Throws a `ConfigurationError` that names every problem. */
export function readConfig(config: unknown): GatewayConfig {
  const problems = problemsOf(config)
  if (problems.length > 0) throw failure(problems.map(sentence))
  // No problem was found.
  return config as GatewayConfig
}

function problemsOf(value: unknown): readonly Problem[] {
  const problems: Problem[] = []
  const tell: Tell = (problem) => void problems.push(problem)
  hold(gatewayShape, value, [], tell)
  checkMeaning(soundPartsOf(value, [...problems]), tell)
  return problems
}

const completed = ({ env = process.env, readFile = readText }: Sources): Required<Sources> => ({
  env,
  readFile,
})

const readText = (path: string): string => readFileSync(path, 'utf8')

function sourceOf(path: string, readFile: (path: string) => string): string {
  try {
    return readFile(path)
  } catch (error) {
    throw new ConfigurationError(`${path} cannot be read (${codeOf(error)})`)
  }
}

const failure = (lines: readonly string[]): ConfigurationError =>
  new ConfigurationError(lines.join('\n'))

const sentence = ({ path, message }: Problem): string =>
  `${shown(path) || 'the document'} ${message}`

const shown = (path: Path): string =>
  path
    .map((step) => {
      if (typeof step === 'number') return `[${step}]`
      return /^[\w-]+$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`
    })
    .join('')
    .replace(/^\./, '')
