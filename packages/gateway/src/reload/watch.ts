import { createHash } from 'node:crypto'
import { watch, type FSWatcher } from 'node:fs'
import { readFile, realpath } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Watches files by their content. */
export interface Watch {
  /** Begins to watch files that are named only now. */
  follow(): Promise<void>
  close(): void
}

/** What is watched, and who is told. */
export interface WatchOptions {
  /** Asked anew after every change, because a file may name others; whoever reads them later calls `follow`. */
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
  let last = await fingerprints(files())
  let timer: NodeJS.Timeout | undefined
  let closed = false

  const stir = (): void => {
    clearTimeout(timer)
    timer = setTimeout(() => void look(), quiet)
  }

  const look = async (): Promise<void> => {
    const now = await fingerprints(files())
    if (closed) return
    const isOther = [...now].some(([file, print]) => (last.get(file) ?? print) !== print)
    last = now
    if (isOther) onChange()
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
    follow: async () => {
      await follow()
      last = new Map([...(await fingerprints(files())), ...last])
    },
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

async function fingerprints(files: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const found = files.map(async (file) => {
    const content = await readFile(file).catch(() => 'absent')
    return [file, createHash('sha256').update(content).digest('hex')] as const
  })
  return new Map(await Promise.all(found))
}
