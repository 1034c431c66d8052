import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { printOf, watchFiles, type Prints, type Watch } from './watch.ts'

let folder: string
let watch: Watch | undefined
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'portcullis-watch-'))
})
afterEach(() => {
  watch?.close()
  rmSync(folder, { recursive: true, force: true })
})

const put = (name: string, text: string): string => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}
const readingOf = (...paths: readonly string[]): Prints =>
  new Map(paths.map((path) => [path, printOf(readFileSync(path, 'utf8'))]))

test('tells what has changed since the reading, also before anything was watched', async () => {
  const config = put('gateway.yaml', 'first')
  const read = readingOf(config)
  put('gateway.yaml', 'second')
  const onChange = vi.fn()
  watch = watchFiles({ read: () => read, onChange, onProblem: expect.fail, quiet: 10 })
  await expect.poll(() => onChange.mock.calls.length).toBe(1)
})

test('tells what has changed since a later reading, in a file that only this one named', async () => {
  const config = put('gateway.yaml', 'names a secret')
  mkdirSync(join(folder, 'elsewhere'))
  const secret = put('elsewhere/secret', 'first')
  let read = readingOf(config)
  const onChange = vi.fn()
  watch = watchFiles({ read: () => read, onChange, onProblem: expect.fail, quiet: 10 })
  read = readingOf(config, secret)
  put('elsewhere/secret', 'second')
  watch.follow()
  await expect.poll(() => onChange.mock.calls.length).toBe(1)
})

test('tells no change where the last reading found what is there', async () => {
  const config = put('gateway.yaml', 'first')
  let read = readingOf(config)
  const onChange = vi.fn()
  watch = watchFiles({ read: () => read, onChange, onProblem: expect.fail, quiet: 10 })
  put('gateway.yaml', 'second')
  read = readingOf(config)
  watch.follow()
  put('other.yaml', 'of nobody')
  await sleep(200)
  expect(onChange).not.toHaveBeenCalled()
})

test('looks after a while at a folder that is never silent', async () => {
  const config = put('gateway.yaml', 'first')
  const read = readingOf(config)
  const onChange = vi.fn()
  watch = watchFiles({
    read: () => read,
    onChange,
    onProblem: expect.fail,
    quiet: 60_000,
    patience: 100,
  })
  put('gateway.yaml', 'second')
  let lines = 0
  const noise = setInterval(() => put('access.log', String((lines += 1))), 5)
  await expect.poll(() => onChange.mock.calls.length, { timeout: 5000 }).toBe(1)
  clearInterval(noise)
})

/** Watches one file, and reads it anew whenever it is told to. */
const follow = (path: string): { readonly text: () => string; readonly told: () => number } => {
  let text = readFileSync(path, 'utf8')
  let told = 0
  const read = (): Prints => {
    try {
      text = readFileSync(path, 'utf8')
      return new Map([[path, printOf(text)]])
    } catch {
      return new Map([[path, printOf(undefined)]])
    }
  }
  let last = read()
  const onChange = (): void => {
    told += 1
    last = read()
    watch?.follow()
  }
  watch = watchFiles({ read: () => last, onChange, onProblem: expect.fail, quiet: 10 })
  return { text: () => text, told: () => told }
}

const release = (name: string): string => {
  mkdirSync(join(folder, name))
  put(`${name}/gateway.yaml`, name)
  return join(folder, name)
}
const lead = (link: string, target: string): void => {
  symlinkSync(target, join(folder, 'next'))
  renameSync(join(folder, 'next'), join(folder, link))
}

test('follows a link to the folder, and a link to a file behind one', async () => {
  lead('current', release('first'))
  mkdirSync(join(folder, 'etc'))
  lead('etc/gateway.yaml', join('..', 'current', 'gateway.yaml'))
  for (const path of ['current/gateway.yaml', 'etc/gateway.yaml']) {
    const { text } = follow(join(folder, path))
    await sleep(100)
    const name = `second of ${path.length}`
    lead('current', release(name))
    await expect.poll(text).toBe(name)
    put(`${name}/gateway.yaml`, 'third')
    await expect.poll(text).toBe('third')
    watch?.close()
  }
})

test('follows a folder that is taken away and comes back, and what happens in it then', async () => {
  const { text, told } = follow(join(release('etc'), 'gateway.yaml'))
  await sleep(100)
  rmSync(join(folder, 'etc'), { recursive: true })
  await expect.poll(told).toBe(1)
  await sleep(100)
  mkdirSync(join(folder, 'etc'))
  put('etc/gateway.yaml', 'second')
  await expect.poll(text).toBe('second')
  await sleep(100)
  renameSync(join(folder, 'etc'), join(folder, 'old'))
  release('new')
  renameSync(join(folder, 'new'), join(folder, 'etc'))
  await expect.poll(text).toBe('new')
  await sleep(100)
  put('etc/gateway.yaml', 'third')
  await expect.poll(text).toBe('third')
})
