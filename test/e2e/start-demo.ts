import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** The demo as `npm start` runs it, in a process of its own. */
export interface RunningDemo {
  readonly pid: number
  /** What it has printed so far. */
  readonly output: () => string
  /** The address that it printed for one of its servers. */
  readonly url: (name: DemoServer) => string
  /** Sends a signal and answers how the process ended. */
  readonly end: (signal: 'SIGINT' | 'SIGTERM') => Promise<{ code: number | null; signal: unknown }>
}

export type DemoServer =
  | 'Page'
  | 'Authorization server'
  | 'Express API'
  | 'Koa API'
  | 'Express web app'
  | 'Koa web app'
  | 'Okta emulator'

const main = fileURLToPath(new URL('../../examples/demo/main.mjs', import.meta.url))
const patience = 15_000

/**
 * Starts the demo and waits until it says that it is up. Needs the built packages. `lifetime` is that of
 * the web applications' access tokens, in seconds.
 */
export async function startDemo(lifetime = 30): Promise<RunningDemo> {
  const child = spawn(process.execPath, [main], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TOKEN_LIFETIME: String(lifetime), POLL_INTERVAL: '1' },
  })
  const chunks: string[] = []
  child.stderr.on('data', (chunk) => chunks.push(String(chunk)))
  const output = () => chunks.join('')
  const ended = once(child, 'exit')
  await new Promise<void>((resolve, reject) => {
    const give = () => reject(new Error(`the demo did not start:\n${output()}`))
    const timer = setTimeout(give, patience)
    child.once('exit', give)
    child.stdout.on('data', (chunk) => {
      chunks.push(String(chunk))
      if (!output().includes('Ctrl-C ends everything')) return
      clearTimeout(timer)
      child.off('exit', give)
      resolve()
    })
  })
  return {
    pid: child.pid ?? 0,
    output,
    url: (name) => new RegExp(`${name} +(http://\\S+)`).exec(output())?.[1] ?? '',
    end: async (signal) => {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal)
      const timer = setTimeout(() => child.kill('SIGKILL'), patience)
      const [code, by] = await ended
      clearTimeout(timer)
      return { code, signal: by }
    },
  }
}
