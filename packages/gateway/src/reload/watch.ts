import { createHash } from 'node:crypto'
import { readFileSync, realpathSync, watch, type FSWatcher } from 'node:fs'
import { dirname } from 'node:path'

/** What files held, each by its path: equal prints are equal contents. */
export type Prints = ReadonlyMap<string, string>

/** Watches files by their content. */
export interface Watch {
  /** To be called after every reading: from then on a change is what differs from it, in the files that it named. */
  follow(): void
  close(): void
}

/** What is watched, and who is told. */
export interface WatchOptions {
  /** What the last reading found, not what the files hold by now: whatever happened since is a change. */
  readonly read: () => Prints
  readonly onChange: () => void
  /** Told where a folder cannot be watched; the program goes on without. */
  readonly onProblem: (folder: string, error: unknown) => void
  /** Milliseconds of silence that end a change: editors and orchestrators write in several steps. Default 200. */
  readonly quiet?: number
  /** Milliseconds after which a folder that is never silent is looked at all the same. Default 2,000. */
  readonly patience?: number
}

/**
 * Tells when the content of files has changed, however that was done: written, replaced by a rename, or
 * reached through a symbolic link that now leads elsewhere, as in volumes of Kubernetes.
 */
export function watchFiles(options: WatchOptions): Watch {
  const { read, onChange, onProblem, quiet = 200, patience = 2000 } = options
  const watchers = new Map<string, FSWatcher>()
  let last = read()
  let timer: NodeJS.Timeout | undefined
  let latest = 0

  const stir = (): void => {
    const now = performance.now()
    if (timer === undefined) latest = now + patience
    clearTimeout(timer)
    timer = setTimeout(look, Math.max(0, Math.min(quiet, latest - now)))
  }

  // Reads in one piece, so that no reading of others comes between what is compared.
  const look = (): void => {
    timer = undefined
    const now = new Map([...last.keys()].map((file) => [file, printAt(file)]))
    const isOther = [...now].some(([file, print]) => last.get(file) !== print)
    last = now
    if (isOther) onChange()
    observeFolders()
  }

  // Folders, not files: a file that is replaced takes its watch away with it.
  const observeFolders = (): void => {
    const wanted = new Set([...last.keys()].flatMap(foldersOf))
    for (const [folder, watcher] of watchers) {
      if (wanted.has(folder)) continue
      watcher.close()
      watchers.delete(folder)
    }
    for (const folder of wanted) if (!watchers.has(folder)) observe(folder)
  }

  const observe = (folder: string): void => {
    try {
      const watcher = watch(folder, { persistent: false }, stir)
      watcher.on('error', (error) => onProblem(folder, error))
      watchers.set(folder, watcher)
      // What came before it was watched is not told by anyone.
      stir()
    } catch (error) {
      onProblem(folder, error)
    }
  }

  observeFolders()
  return {
    follow: () => {
      last = read()
      observeFolders()
    },
    close: () => {
      clearTimeout(timer)
      for (const watcher of watchers.values()) watcher.close()
    },
  }
}

/** The print of what a file holds, or of its absence. */
export const printOf = (text: string | undefined): string =>
  text === undefined ? 'absent' : createHash('sha256').update(text).digest('base64')

function printAt(file: string): string {
  try {
    return printOf(readFileSync(file, 'utf8'))
  } catch {
    return printOf(undefined)
  }
}

function foldersOf(file: string): readonly string[] {
  return [dirname(file), dirname(realOf(file))]
}

function realOf(file: string): string {
  try {
    return realpathSync(file)
  } catch {
    return file
  }
}
