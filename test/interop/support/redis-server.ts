import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A Redis of the suite's own, behind a socket file: no port that somebody else could have. */
export interface RedisServer {
  readonly path: string
  /** Starts it again, with what `SAVE` has left of its data. */
  readonly start: () => Promise<void>
  /** Ends it as an operator does. */
  readonly stop: () => Promise<void>
  /** Ends it as a power cut does. */
  readonly kill: () => Promise<void>
  /** It keeps its connections, and answers nothing. */
  readonly freeze: () => void
  readonly thaw: () => void
  /** Ends it and removes its files. */
  readonly close: () => Promise<void>
}

export async function startRedis(
  binary: string,
  more: readonly string[] = [],
): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-redis-'))
  const path = join(folder, 'redis.sock')
  const options = ['--save', '', '--appendonly', 'no', '--dir', folder, '--loglevel', 'warning']
  const port = more.includes('--port') ? [] : ['--port', '0']
  let child: ChildProcess | undefined
  const start = async (): Promise<void> => {
    const args = [...port, '--unixsocket', path, ...options, ...more]
    child = spawn(binary, args, { stdio: 'ignore' })
    await answering(path, child)
  }
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ending = child
    child = undefined
    if (ending === undefined || ending.exitCode !== null) return
    const ended = once(ending, 'exit')
    ending.kill('SIGCONT')
    ending.kill(signal)
    await ended
  }
  await start()
  return {
    path,
    start,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    close: async () => {
      await end('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function answering(path: string, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (child.exitCode !== null) throw new Error(`redis-server ended with ${child.exitCode}`)
    if (await pongs(path)) return
    await sleep(50)
  }
  throw new Error('redis-server does not answer')
}

const pongs = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path)
    const done = (isThere: boolean) => {
      socket.destroy()
      resolve(isThere)
    }
    socket.setTimeout(1000, () => done(false))
    socket.once('error', () => done(false))
    socket.once('connect', () => socket.write('PING\r\n'))
    socket.once('data', (data) => done(data.toString().startsWith('+PONG')))
  })
