import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { createLineLog } from './log.ts'

const now = () => Date.UTC(2026, 0, 2, 3, 4, 5)

const reader = () => {
  const chunks: string[] = []
  let release: (() => void) | undefined
  const stream = new Writable({
    decodeStrings: false,
    write: (chunk, _, done) => {
      chunks.push(String(chunk))
      if (held.value) release = done
      else done()
    },
  })
  const held = { value: false }
  const lines = () =>
    chunks
      .join('')
      .split('\n')
      .filter((line) => line !== '')
      .map((line): unknown => JSON.parse(line))
  return { stream, held, chunks, lines, release: () => release?.() }
}

test('writes lines with the time, those of one moment at once', async () => {
  const { stream, chunks, lines } = reader()
  const log = createLineLog({ stream, now })
  log.write({ event: 'a' })
  log.write({ event: 'b', n: 1 })
  await log.flush()
  const time = '2026-01-02T03:04:05.000Z'
  expect(lines()).toEqual([
    { time, event: 'a' },
    { time, event: 'b', n: 1 },
  ])
  expect(chunks.filter((chunk) => chunk !== '')).toHaveLength(1)
})

test('loses lines rather than memory while nobody reads, and says how many', async () => {
  const { stream, held, lines, release } = reader()
  held.value = true
  const log = createLineLog({ stream, now, limit: 1000 })
  for (let index = 0; index < 500; index++) {
    log.write({ event: 'x', index })
    // oxlint-disable-next-line no-await-in-loop -- lines leave at the end of a turn
    if (index % 5 === 0) await new Promise((resolve) => void setImmediate(resolve))
  }
  expect(log.dropped()).toBeGreaterThan(400)
  expect(stream.writableLength).toBeLessThan(1200)
  held.value = false
  release()
  const lost = log.dropped()
  log.write({ event: 'after' })
  await log.flush()
  expect(lines().slice(-2)).toMatchObject([
    { event: 'log-lines-dropped', count: lost },
    { event: 'after' },
  ])
})

test('goes on without a log when its reader is gone', async () => {
  const { stream } = reader()
  const log = createLineLog({ stream, now })
  stream.destroy(new Error('EPIPE'))
  await new Promise((resolve) => void setImmediate(resolve))
  log.write({ event: 'a' })
  await log.flush()
  expect(log.dropped()).toBe(1)
})
