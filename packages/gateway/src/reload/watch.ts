import { createHash } from 'node:crypto'
import { lstatSync, readFileSync, readlinkSync, watch, type FSWatcher } from 'node:fs'
import { dirname, join, parse, resolve, sep } from 'node:path'

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
    observeFolders()
    renew()
    const now = new Map([...last.keys()].map((file) => [file, printAt(file)]))
    const isOther = [...now].some(([file, print]) => last.get(file) !== print)
    last = now
    if (isOther) onChange()
  }

  // Folders, not files: a file that is replaced takes its watch away with it.
  const observeFolders = (): void => {
    const wanted = new Set([...last.keys()].flatMap(foldersOf))
    for (const [folder, watcher] of watchers) {
      if (wanted.has(folder)) continue
      watcher.close()
      watchers.delete(folder)
    }
    for (const folder of wanted) {
      // What came before it was watched is not told by anyone.
      if (!watchers.has(folder) && observe(folder)) stir()
    }
  }

  // Before the files are read: a folder may be another one by now, under the same name.
  const renew = (): void => {
    const known = [...watchers]
    watchers.clear()
    for (const [folder, watcher] of known) {
      watcher.close()
      observe(folder)
    }
  }

  const observe = (folder: string): boolean => {
    try {
      const watcher = watch(folder, { persistent: false }, stir)
      watcher.on('error', (error) => onProblem(folder, error))
      watchers.set(folder, watcher)
      return true
    } catch (error) {
      onProblem(folder, error)
      return false
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

// As many as Linux follows.
const linksAtMost = 40

/** The folder of a file, and of every link on the way to it. Where the way ends too early, the folder in which it does. */
function foldersOf(file: string): readonly string[] {
  const folders: string[] = []
  let way: string | undefined = file
  for (let links = 0; way !== undefined && links <= linksAtMost; links++) {
    const [turn, onward] = turnOn(way)
    folders.push(dirname(turn))
    way = onward
  }
  return folders
}

/** The first link on a way, and the way from there; or the end of the way. */
function turnOn(way: string): readonly [turn: string, onward?: string] {
  const { root } = parse(way)
  const parts = way.slice(root.length).split(sep)
  let at = root
  for (const [index, part] of parts.entries()) {
    at = join(at, part)
    const target = targetOf(at)
    if (target === undefined) break
    if (target !== at) return [at, resolve(dirname(at), target, ...parts.slice(index + 1))]
  }
  return [at]
}

/** Where a link leads; the path itself where it is none, and nothing where nothing is there. */
function targetOf(path: string): string | undefined {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : path
  } catch {
    return undefined
  }
}
