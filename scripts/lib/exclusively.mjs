import { createHash } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const alive = (pid) => {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error.code === 'EPERM'
  }
}

const holder = (lock) => {
  try {
    return Number(readFileSync(lock, 'utf8'))
  } catch {
    return undefined
  }
}

// Created and filled in one step is not to be had; an empty file is a holder that is just starting.
const take = (lock) => {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    const pid = holder(lock)
    if (pid && !alive(pid)) rmSync(lock, { force: true })
    return false
  }
}

/**
 * Runs `work` while no other process does so for the same folder: two terminals, or a test run beside
 * a server, must not install into one node_modules at once. The lock of a dead process is removed.
 */
export const exclusively = async (folder, work, { patience = 600_000 } = {}) => {
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 16)
  const lock = join(tmpdir(), `portcullis-setup-${name}.lock`)
  const deadline = Date.now() + patience
  for (let waited = false; !take(lock); waited = true) {
    if (Date.now() > deadline) throw new Error(`another setup has held ${lock} for too long`)
    if (!waited) console.error('Waiting for another setup of this checkout to finish.')
    await sleep(200)
  }
  const release = () => rmSync(lock, { force: true })
  process.once('exit', release)
  try {
    return await work()
  } finally {
    process.off('exit', release)
    release()
  }
}
