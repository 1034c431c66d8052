import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ask } from './wire.ts'

/** A gateway of the suite's own, with its files in a folder of its own. */
export interface Program {
  readonly folder: string
  /** What it has said so far. */
  readonly said: () => string
  readonly close: () => Promise<void>
}

export interface ProgramWish {
  readonly binary: string
  /** Gets the folder. */
  readonly args: (folder: string) => readonly string[]
  /** Name → text, or what the folder makes of it. */
  readonly files: Readonly<Record<string, string>>
  /** It is up when something here answers with anything but a 404: Traefik listens before it knows its routes. */
  readonly port: number
}

/** Starts a program in a new folder, and waits until it listens. */
export async function startProgram({ binary, args, files, port }: ProgramWish): Promise<Program> {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-gateway-'))
  // Some programs give up root before they read.
  chmodSync(folder, 0o755)
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text.replaceAll('{folder}', folder))
  }
  const env = { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder }
  const child = spawn(binary, [...args(folder)], { cwd: folder, env, stdio: 'pipe' })
  let text = ''
  const keep = (chunk: Buffer): void => {
    text = (text + chunk.toString()).slice(-20_000)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const said = () => text
  const close = async () => {
    await end(child)
    rmSync(folder, { recursive: true, force: true })
  }
  for (let attempt = 0; attempt < 300; attempt++) {
    if (child.exitCode !== null) throw new Error(`${binary} did not start:\n${said()}`)
    if (await answers(port)) return { folder, said, close }
    await sleep(50)
  }
  await close()
  throw new Error(`${binary} does not answer:\n${said()}`)
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 3000)
  await ended
  clearTimeout(timer)
}

const answers = (port: number): Promise<boolean> =>
  ask({ port, target: '/' }).then(
    ({ status }) => status !== 404 && status !== 0,
    () => false,
  )
