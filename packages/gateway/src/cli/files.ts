import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { GatewayConfig } from '../config/config.ts'
import { loadConfig } from '../config/read.ts'
import { printOf, type Prints } from '../reload/watch.ts'

/** A configuration file, and the files that it refers to. */
export interface ConfigFiles {
  load(): GatewayConfig
  /** All that the last loading read, also one that failed, and what it found there. */
  read(): Prints
}

/** Reads a configuration, and remembers from where. */
export function createConfigFiles(path: string): ConfigFiles {
  let read: Prints = new Map()
  return {
    load: () => {
      const now = new Map<string, string>()
      read = now
      return loadConfig(path, {
        readFile: (file) => {
          now.set(resolve(file), printOf(undefined))
          const text = readFileSync(file, 'utf8')
          now.set(resolve(file), printOf(text))
          return text
        },
      })
    },
    read: () => read,
  }
}
