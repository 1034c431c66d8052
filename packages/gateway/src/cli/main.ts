import { readFileSync } from 'node:fs'
import type { Writable } from 'node:stream'
import { ConfigurationError } from '@portcullis/core'
import { compile } from '../compile.ts'
import type { GatewayConfig } from '../config/config.ts'
import { loadConfig } from '../config/read.ts'
import { jsonSchema } from '../config/schema.ts'
import { problemOf } from '../operate/problem.ts'
import { snippetFor } from '../snippet/create.ts'
import type { SnippetFile } from '../snippet/snippet.ts'
import { readArguments, usage, UsageError, type Command } from './arguments.ts'
import { runProgram } from './program.ts'

/** Where the program writes. */
export interface Output {
  readonly out: Writable
  readonly err: Writable
}

/** Does what the command line says; answers the exit status. */
export async function main(
  args: readonly string[],
  { out, err }: Output = { out: process.stdout, err: process.stderr },
): Promise<number> {
  try {
    const command = readArguments(args)
    if (command.name === 'run') return await runProgram(command.config)
    out.write(await textFor(command))
    return 0
  } catch (error) {
    if (error instanceof UsageError) {
      err.write(`portcullis-gateway: ${error.message}\n\n${usage}`)
      return 2
    }
    err.write(`${complaint(error)}\n`)
    return 1
  }
}

async function textFor(command: Exclude<Command, { name: 'run' }>): Promise<string> {
  if (command.name === 'help') return usage
  if (command.name === 'version') return `${version()}\n`
  if (command.name === 'print-schema') return `${JSON.stringify(jsonSchema(), undefined, 2)}\n`
  const config = loadConfig(command.config)
  if (command.name === 'snippet') return shown(snippetFor(command.gateway, config, command.wish))
  await tried(config)
  return `${command.config} is good\n`
}

// What only shows when the parts are put together; nothing is fetched and nothing connected.
async function tried(config: GatewayConfig): Promise<void> {
  await compile(config).close()
}

const shown = (files: readonly SnippetFile[]): string =>
  files.length === 1
    ? (files[0]?.text ?? '')
    : files.map(({ name, text }) => `# ----- ${name} -----\n${text}`).join('\n')

// A mistake of ours needs its stack; one in a configuration needs its place, which the message has.
const complaint = (error: unknown): string =>
  error instanceof ConfigurationError || (error instanceof Error && 'code' in error)
    ? problemOf(error)
    : String(error instanceof Error ? error.stack : error)

function version(): string {
  const url = new URL('../../package.json', import.meta.url)
  const manifest: unknown = JSON.parse(readFileSync(url, 'utf8'))
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : 'unknown'
}
