import { createLineLog } from '../operate/log.ts'
import { createWorker } from './worker.ts'

// A terminal and a service manager send signals to all processes of the program; when to end is for the
// primary to say.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined)

const worker = createWorker({
  channel: {
    send: (message) => {
      if (process.connected) process.send?.(message, undefined, undefined, () => undefined)
    },
    receive: (listener) => void process.on('message', listener),
  },
  log: createLineLog(),
})

process.once('disconnect', () => {
  void worker.end().finally(() => process.exit(0))
})
