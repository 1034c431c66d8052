import cluster from 'node:cluster'
import { fileURLToPath } from 'node:url'
import type { ForkedWorker } from './hands.ts'

/** Starts a process that shares the sockets of this one. */
export function forkWorker(): ForkedWorker {
  const exec = fileURLToPath(new URL('./worker-main.js', import.meta.url))
  cluster.setupPrimary({ exec, args: [] })
  const worker = cluster.fork()
  return {
    pid: worker.process.pid,
    onExit: (listener) => {
      worker.once('exit', (code, signal) => listener(signal ?? `status ${code}`))
    },
    kill: () => void worker.process.kill('SIGKILL'),
    channel: {
      send: (message) => {
        // What cannot be sent any more is told by the end of the process.
        if (worker.isConnected()) worker.process.send(toSend(message), () => undefined)
      },
      receive: (listener) => void worker.on('message', listener),
    },
  }
}

// The types of Node name what JSON can hold; everything that is sent is.
const toSend = (message: unknown): object => message as object
