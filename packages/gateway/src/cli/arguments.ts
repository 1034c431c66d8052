import { parseArgs } from 'node:util'
import { snippetNames } from '../snippet/create.ts'
import type { SnippetFor, SnippetWish } from '../snippet/snippet.ts'

/** What the program was asked to do. */
export type Command =
  | { readonly name: 'help' }
  | { readonly name: 'version' }
  | { readonly name: 'print-schema' }
  | { readonly name: 'run'; readonly config: string }
  | { readonly name: 'check'; readonly config: string }
  | {
      readonly name: 'snippet'
      readonly config: string
      readonly gateway: SnippetFor
      readonly wish: SnippetWish
    }

/** A command line that cannot be meant. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** How the program is called. */
export const usage: string = `portcullis-gateway --config gateway.yaml [--check]
portcullis-gateway snippet --for ${snippetNames.join('|')} --config gateway.yaml

  --config, -c FILE   YAML or JSON
  --check             says what is wrong with the configuration, and ends
  --print-schema      prints the JSON Schema of the configuration
  --version, --help

  snippet             prints what a proxy must be told to ask this gateway
    --for NAME        ${snippetNames.join(', ')}
    --listen ADDRESS  where that proxy takes requests (default 127.0.0.1:8080)
    --upstream ADDRESS  what stands behind it (default 127.0.0.1:3000)
    --cache           nginx only: keeps answers for as long as this gateway says

Signals: SIGHUP loads the configuration again, SIGTERM and SIGINT finish what is on the way and end.
Exit status: 0 done, 1 problems with the configuration or the start, 2 wrong arguments.
`

const options = {
  config: { type: 'string', short: 'c' },
  check: { type: 'boolean' },
  'print-schema': { type: 'boolean' },
  for: { type: 'string' },
  listen: { type: 'string' },
  upstream: { type: 'string' },
  cache: { type: 'boolean' },
  version: { type: 'boolean', short: 'v' },
  help: { type: 'boolean', short: 'h' },
} as const

/** Reads a command line; throws a `UsageError` that says what is wrong with it. */
export function readArguments(args: readonly string[]): Command {
  const { values, positionals } = parse(args)
  if (values.help === true) return { name: 'help' }
  if (values.version === true) return { name: 'version' }
  if (values['print-schema'] === true) return { name: 'print-schema' }
  const [command, ...rest] = positionals
  if (rest.length > 0 || (command !== undefined && command !== 'snippet'))
    throw new UsageError(`${[command, ...rest].join(' ')} is no command`)
  const { config } = values
  if (config === undefined || config === '') throw new UsageError('--config is missing')
  if (command === 'snippet') return snippetOf(config, values)
  const stray = (['for', 'listen', 'upstream', 'cache'] as const).find(
    (name) => values[name] !== undefined,
  )
  if (stray !== undefined) throw new UsageError(`--${stray} belongs to the command snippet`)
  return { name: values.check === true ? 'check' : 'run', config }
}

type Values = ReturnType<typeof parse>['values']

// The type follows from `options`, and goes nowhere else.
function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

function snippetOf(config: string, { for: name, listen, upstream, cache, check }: Values): Command {
  if (check === true) throw new UsageError('--check does not go with the command snippet')
  const gateway = snippetNames.find((known) => known === name)
  if (gateway === undefined) throw new UsageError(`--for must be one of ${snippetNames.join(', ')}`)
  return {
    name: 'snippet',
    config,
    gateway,
    wish: {
      ...(listen !== undefined && { listen }),
      ...(upstream !== undefined && { upstream }),
      ...(cache !== undefined && { cache }),
    },
  }
}
