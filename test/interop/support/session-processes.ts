import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A server of the application in a process of its own. */
export interface SessionProcess {
  readonly url: string
  readonly advance: (seconds: number) => Promise<void>
  readonly close: () => Promise<void>
}

/** What all servers of the application share. */
export interface SharedBy {
  readonly issuer: string
  /** The socket of the Redis. */
  readonly path: string
  readonly kind: 'sealed' | 'stored'
  readonly prefix: string
  /** Where browsers find the application. Default: this server. */
  readonly baseUrl?: string
}

const script = fileURLToPath(new URL('session-process.mjs', import.meta.url))

/** Starts a server, and waits until it answers. */
export async function startProcess(shared: SharedBy): Promise<SessionProcess> {
  const child = fork(script, [JSON.stringify(shared)], { execArgv: [], stdio: 'inherit' })
  const { url } = await told<{ readonly url: string }>(child)
  return {
    url,
    advance: async (seconds) => {
      const done = told(child)
      child.send({ advance: seconds })
      await done
    },
    close: async () => {
      if (child.exitCode !== null) return
      const ended = once(child, 'exit')
      child.disconnect()
      await ended
    },
  }
}

async function told<T>(child: ChildProcess): Promise<T> {
  const ended = once(child, 'exit').then(() => {
    throw new Error(`the process ended with ${child.exitCode}`)
  })
  const [message] = await Promise.race([once(child, 'message'), ended])
  // The script is ours.
  return message as T
}
