import { createHash } from 'node:crypto'
import { watch, type FSWatcher } from 'node:fs'
import { readFile, realpath } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Watches files by their content. */
export interface Watch {
  close(): void
}

/** What is watched, and who is told. */
export interface WatchOptions {
  /** Asked anew after every change, because a file may name others. */
  readonly files: () => readonly string[]
  readonly onChange: () => void
  /** Told where a folder cannot be watched; the program goes on without. */
  readonly onProblem: (folder: string, error: unknown) => void
  /** Milliseconds of silence that end a change: editors and orchestrators write in several steps. Default 200. */
  readonly quiet?: number
}

/**
 * Tells when the content of files has changed, however that was done: written, replaced by a rename, or
 * reached through a symbolic link that now leads elsewhere, as in volumes of Kubernetes.
 */
export async function watchFiles(options: WatchOptions): Promise<Watch> {
  const { files, onChange, onProblem, quiet = 200 } = options
  const watchers = new Map<string, FSWatcher>()
  let last = await fingerprint(files())
  let timer: NodeJS.Timeout | undefined
  let closed = false

  const stir = (): void => {
    clearTimeout(timer)
    timer = setTimeout(() => void look(), quiet)
  }

  const look = async (): Promise<void> => {
    const now = await fingerprint(files())
    if (closed) return
    if (now !== last) onChange()
    last = now
    await follow()
  }

  // Folders, not files: a file that is replaced takes its watch away with it.
  const follow = async (): Promise<void> => {
    const wanted = new Set((await Promise.all(files().map(foldersOf))).flat())
    if (closed) return
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
    } catch (error) {
      onProblem(folder, error)
    }
  }

  await follow()
  return {
    close: () => {
      closed = true
      clearTimeout(timer)
      for (const watcher of watchers.values()) watcher.close()
    },
  }
}

async function foldersOf(file: string): Promise<readonly string[]> {
  const real = await realpath(file).catch(() => file)
  return [...new Set([dirname(file), dirname(real)])]
}

async function fingerprint(files: readonly string[]): Promise<string> {
  const contents = await Promise.all(files.map((file) => readFile(file).catch(() => 'absent')))
  const hash = createHash('sha256')
  for (const content of contents) hash.update(content).update('\0')
  return hash.digest('hex')
}
