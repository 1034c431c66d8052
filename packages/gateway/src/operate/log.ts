import type { Writable } from 'node:stream'

/** One line, before it is written: nothing in it may be a secret. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly event: string }

/** Writes JSON lines, and would rather lose some than hold up decisions or fill the memory. */
export interface LineLog {
  write(line: LogLine): void
  /** Lines lost so far. */
  dropped(): number
  /** Waits until what was written has been taken, at most a second. */
  flush(): Promise<void>
}

/** Where lines go, and how many may wait. */
export interface LineLogOptions {
  /** Default: standard output. */
  readonly stream?: Writable
  /** Epoch milliseconds. */
  readonly now?: () => number
  /** Characters that may wait for a reader. Default 1 MiB. */
  readonly limit?: number
}

/** Makes a log of JSON lines. */
export function createLineLog(options: LineLogOptions = {}): LineLog {
  const { stream = process.stdout, now = () => Date.now(), limit = 1024 * 1024 } = options
  let waiting: string[] = []
  let size = 0
  let lost = 0
  let told = 0
  let broken = false
  stream.on('error', () => {
    broken = true
  })

  const send = (): void => {
    const text = waiting.join('')
    waiting = []
    size = 0
    if (text !== '' && !broken) stream.write(text)
  }

  const add = (line: LogLine): void => {
    const text = `${JSON.stringify({ time: new Date(now()).toISOString(), ...line })}\n`
    // Lines of one turn of the event loop are one write: each is a system call.
    if (waiting.length === 0) setImmediate(send)
    waiting.push(text)
    size += text.length
  }

  const full = (): boolean => broken || stream.writableLength + size > limit

  return {
    write: (line) => {
      if (full()) {
        lost += 1
        return
      }
      if (lost > told) add({ event: 'log-lines-dropped', count: lost - told })
      told = lost
      add(line)
    },
    dropped: () => lost,
    flush: async () => {
      send()
      if (broken || stream.writableLength === 0) return
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1000)
        stream.write('', () => {
          clearTimeout(timer)
          resolve()
        })
      })
    },
  }
}
