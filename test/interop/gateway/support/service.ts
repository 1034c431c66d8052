import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { GatewayConfig } from '../../../../packages/gateway/src/config/config.ts'

/** The program itself, in a process of its own. */
export interface ServiceProcess {
  readonly said: () => string
  /** Waits until the log has such a line. */
  readonly saysSoon: (text: string) => Promise<void>
  readonly signal: (name: NodeJS.Signals) => void
  /** The status it ended with, or the signal. */
  readonly ended: Promise<number | NodeJS.Signals | null>
  /** Starts another after this one has ended. */
  readonly restart: () => Promise<void>
  readonly write: (text: string) => void
  readonly close: () => Promise<void>
}

const program = new URL('../../../../packages/gateway/bin/portcullis-gateway.js', import.meta.url)
  .pathname

export async function startService(config: GatewayConfig): Promise<ServiceProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-service-'))
  const file = join(folder, 'gateway.json')
  writeFileSync(file, JSON.stringify(config))
  let text = ''
  let child: ChildProcess
  let ended: Promise<number | NodeJS.Signals | null>
  const said = (): string => text
  const saysSoon = async (wanted: string): Promise<void> => {
    for (let attempt = 0; attempt < 200; attempt++) {
      if (text.includes(wanted)) return
      await sleep(50)
    }
    const { exitCode, signalCode } = child
    throw new Error(
      `the service never said ${wanted} (${exitCode ?? signalCode ?? 'it is there'}):\n${text}`,
    )
  }
  const start = async (): Promise<void> => {
    text = ''
    const started = spawn(process.execPath, [program, '--config', file], { stdio: 'pipe' })
    for (const stream of [started.stdout, started.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        text += chunk.toString()
      })
    }
    ended = once(started, 'exit').then(([code, signal]) => code ?? signal)
    child = started
    await saysSoon('"listening"')
  }
  await start()
  return {
    said,
    saysSoon,
    signal: (name) => child.kill(name),
    get ended() {
      return ended
    },
    restart: start,
    write: (next) => writeFileSync(file, next),
    close: async () => {
      child.kill('SIGKILL')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
