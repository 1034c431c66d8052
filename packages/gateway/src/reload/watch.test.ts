import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
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
