import { fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'

/** A child process that answers one message at a time. */
export function startChild(file, args = [], execArgv = []) {
  const child = fork(file, args, { execArgv, serialization: 'advanced' })
  const gone = once(child, 'exit').then(([code]) => {
    throw new Error(`${file} ended (${code})`)
  })
  gone.catch(() => undefined)
  return {
    async ask(message) {
      child.send(message)
      const [reply] = await Promise.race([once(child, 'message'), gone])
      if (reply.error !== undefined) throw new Error(reply.error)
      return reply.answer
    },
    /** Keeps its event loop on one processor, where the machine has several and knows how. */
    pin(processor) {
      if (availableParallelism() < 2) return
      spawnSync('taskset', ['--pid', '--cpu-list', String(processor), String(child.pid)])
    },
    stop() {
      child.removeAllListeners('exit')
      child.kill('SIGKILL')
    },
  }
}
