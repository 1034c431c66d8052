import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A line of the program's log. */
export type Line = Readonly<Record<string, unknown>> & { readonly event: string }

/** The gateway as users run it, in a process of its own. */
export interface RunningGateway {
  readonly pid: number
  /** Where the first listener of a dialect is. */
  readonly address: (dialect?: string) => string
  /** The address of the probes, as a URL. */
  readonly admin: string
  /** Everything it has said so far, both streams. */
  readonly output: () => string
  readonly lines: (event?: string) => readonly Line[]
  /** Waits for the n-th line of an event. */
  readonly said: (event: string, n?: number) => Promise<Line>
  readonly signal: (signal: NodeJS.Signals) => void
  /** Ends it, unless it has ended; answers how. */
  readonly end: (signal?: NodeJS.Signals) => Promise<{ code: number | null; by: unknown }>
}

/** What a program that ends by itself has said. */
export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

const bin = fileURLToPath(
  new URL('../../../packages/gateway/bin/portcullis-gateway.js', import.meta.url),
)
const patience = 15_000

const started = new Set<ChildProcess>()

/** Ends what a failed test has left running. */
export function endAll(): void {
  for (const child of started) child.kill('SIGKILL')
}

const start = (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const child = spawn(process.execPath, [bin, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  started.add(child)
  child.once('exit', () => started.delete(child))
  return child
}

/** Runs the program until it ends. Needs the built packages. */
export async function runToEnd(...args: readonly string[]): Promise<Ended> {
  const child = start(args)
  const timer = setTimeout(() => child.kill('SIGKILL'), patience)
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk) => (out += String(chunk)))
  child.stderr.on('data', (chunk) => (err += String(chunk)))
  await once(child, 'close')
  clearTimeout(timer)
  return { code: child.exitCode, out, err }
}

/** Starts the program and waits until it listens. Needs the built packages. */
export async function startGateway(
  config: string,
  env: Readonly<Record<string, string>> = {},
): Promise<RunningGateway> {
  const child = start(['--config', config], env)
  const ended = once(child, 'exit')
  let out = ''
  let all = ''
  child.stdout.on('data', (chunk) => {
    out += String(chunk)
    all += String(chunk)
  })
  child.stderr.on('data', (chunk) => (all += String(chunk)))
  const lines = (event?: string): readonly Line[] =>
    out
      .slice(0, out.lastIndexOf('\n') + 1)
      .split('\n')
      .filter((line) => line !== '')
      .map((line): Line => JSON.parse(line))
      .filter((line) => event === undefined || line.event === event)
  const said = async (event: string, n = 1): Promise<Line> => {
    const line = await until(
      () => lines(event)[n - 1],
      () => child.exitCode !== null || child.signalCode !== null,
    )
    if (line === undefined)
      throw new Error(`the program never said ${event}: ${stateOf(child)}\n${all}`)
    return line
  }
  const end = async (signal: NodeJS.Signals = 'SIGTERM') => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
    const timer = setTimeout(() => child.kill('SIGKILL'), patience)
    const [code, by] = await ended
    clearTimeout(timer)
    return { code, by }
  }
  try {
    const line = await said('listening')
    const listen = line['listen'] as readonly { dialect: string; address: string }[]
    return {
      pid: child.pid ?? 0,
      address: (dialect = 'nginx') =>
        listen.find((one) => one.dialect === dialect)?.address ?? `no ${dialect}`,
      admin: `http://${String(line['admin'])}`,
      output: () => all,
      lines,
      said,
      signal: (signal) => void child.kill(signal),
      end,
    }
  } catch (error) {
    await end('SIGKILL')
    throw error
  }
}

// What may be known of a program that says nothing: how it ended, or what it waits for.
function stateOf({ pid, exitCode, signalCode }: ChildProcess): string {
  if (exitCode !== null || signalCode !== null) return `it ended (${exitCode ?? signalCode})`
  const { stdout } = spawnSync('ps', ['-o', 'pid,ppid,stat,wchan:24,etime,time,args', '-e'], {
    encoding: 'utf8',
  })
  const own = stdout.split('\n').filter((row) => row.split(/\s+/).includes(String(pid)))
  return `it is there\n${own.join('\n')}`
}

/** Asks again and again, until there is something or there never will be. */
export async function until<T>(
  look: () => T | undefined | Promise<T | undefined>,
  isOver: () => boolean = () => false,
  ms = patience,
): Promise<T | undefined> {
  const deadline = Date.now() + ms
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- one look after the other
    const found = await look()
    if (found !== undefined && found !== false) return found
    if (isOver() || Date.now() > deadline) return undefined
    // oxlint-disable-next-line no-await-in-loop -- another process takes its time
    await new Promise((resolve) => void setTimeout(resolve, 20))
  }
}

/** A folder for configurations, taken away at the end. */
export function createDesk(): {
  readonly folder: string
  write: (text: string, name?: string) => string
  clear: () => void
} {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-'))
  return {
    folder,
    write: (text, name = 'gateway.yaml') => {
      const path = join(folder, name)
      writeFileSync(path, text)
      return path
    },
    clear: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** A small configuration; `more` are further members at the top. */
export const gatewayYaml = (issuer: string, more = ''): string => `version: 1
listen:
  - { dialect: nginx, tcp: '127.0.0.1:0' }
admin: { tcp: '127.0.0.1:0' }
issuers:
  - { id: main, issuer: '${issuer}', audience: 'https://api.test' }
routes:
  - { id: open, path: /open/**, allow: anonymous }
  - { id: orders, path: /orders, rules: { scopes: ['orders:read'] } }
drain: { delay: 0.2, grace: 5 }
${more}
`

/** Asks as nginx does; answers the status. */
export async function ask(address: string, path: string, token?: string): Promise<number> {
  const response = await fetch(`http://${address}/check`, {
    headers: {
      'x-forwarded-method': 'GET',
      'x-forwarded-uri': path,
      'x-forwarded-host': 'api.test',
      'x-forwarded-proto': 'https',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
  })
  await response.arrayBuffer()
  return response.status
}
