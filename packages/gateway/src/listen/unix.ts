import { chmod, lstat, stat, unlink } from 'node:fs/promises'
import { connect } from 'node:net'
import { dirname } from 'node:path'

/** Removes a socket that nobody listens on any more: what a process that was killed leaves behind. */
export async function clearStale(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined)
  if (found === undefined) return folderOf(path)
  if (!found.isSocket()) throw refused(path, 'EADDRINUSE', 'it is no socket')
  if (await isAnswered(path)) throw refused(path, 'EADDRINUSE', 'it is in use')
  await unlink(path)
}

// The system calls it a lack of permission.
async function folderOf(path: string): Promise<void> {
  const folder = await stat(dirname(path)).catch(() => undefined)
  if (folder?.isDirectory() !== true) throw refused(path, 'ENOENT', 'its folder does not exist')
}

/** Sets the permissions of a socket: whoever may write to it may ask. */
export const setMode = (path: string, mode: number): Promise<void> => chmod(path, mode)

const isAnswered = (path: string): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') resolve(false)
      else reject(error)
    })
  })

const refused = (path: string, code: string, why: string): Error =>
  Object.assign(new Error(`cannot listen on ${path}: ${why}`), { code })
