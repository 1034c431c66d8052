import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { GatewayConfig } from '../config/config.ts'
import { loadConfig } from '../config/read.ts'

/** A configuration file, and the files that it refers to. */
export interface ConfigFiles {
  load(): GatewayConfig
  /** All that the last loading read, also one that failed. */
  paths(): readonly string[]
}

/** Reads a configuration, and remembers from where. */
export function createConfigFiles(path: string): ConfigFiles {
  let read: ReadonlySet<string> = new Set([resolve(path)])
  return {
    load: () => {
      const now = new Set([resolve(path)])
      read = now
      return loadConfig(path, {
        readFile: (file) => {
          now.add(resolve(file))
          return readFileSync(file, 'utf8')
        },
      })
    },
    paths: () => [...read],
  }
}
