import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface Guess {
  readonly username: string
  readonly password: string
  readonly address?: string
}

/** A process of an application that signs people in. */
export interface GuessProcess {
  /** Tries all of them at once: the failure's code, or the status, of each. */
  readonly guess: (guesses: readonly Guess[]) => Promise<readonly string[]>
  readonly close: () => Promise<void>
}

/** What all processes of the application share. */
export interface GuessesBy {
  readonly domain: string
  readonly clientId: string
  /** The socket of the Redis. */
  readonly path: string
  readonly prefix: string
}

const script = fileURLToPath(new URL('guess-process.mjs', import.meta.url))

/** Starts a process, and waits until it can be told to guess. */
export async function startGuessing(shared: GuessesBy): Promise<GuessProcess> {
  const child = fork(script, [JSON.stringify(shared)], { execArgv: [], stdio: 'inherit' })
  const told = async (): Promise<readonly unknown[]> => {
    const ended = once(child, 'exit').then(() => {
      throw new Error(`the process ended with ${child.exitCode}`)
    })
    const [message] = await Promise.race([once(child, 'message'), ended])
    return [message].flat()
  }
  await told()
  return {
    guess: async (guesses) => {
      const answers = told()
      child.send(guesses)
      return (await answers).map(String)
    },
    close: async () => {
      if (child.exitCode !== null) return
      const ended = once(child, 'exit')
      child.disconnect()
      await ended
    },
  }
}
