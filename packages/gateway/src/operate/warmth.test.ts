import { expect, test } from 'vitest'
import { keepWarm } from './warmth.ts'

const settle = () => new Promise((resolve) => void setImmediate(resolve))

test('tries again later and later while it fails, tells once, and goes on when it works', async () => {
  const waits: number[] = []
  const told: unknown[] = []
  let next: () => void = () => undefined
  let broken = true
  const warmth = keepWarm({
    prewarm: () => (broken ? Promise.reject(new Error('down')) : Promise.resolve()),
    onChange: (error) => void told.push(error instanceof Error ? error.message : 'works'),
    later: (act, ms) => {
      waits.push(ms)
      next = act
      return setTimeout(() => undefined, 0)
    },
  })
  for (let index = 0; index < 7; index++) {
    if (index === 6) broken = false
    // oxlint-disable-next-line no-await-in-loop -- one attempt after the other
    await settle()
    next()
  }
  await settle()
  expect(waits.slice(0, 8)).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
  expect(told).toEqual(['down', 'works'])
  warmth.close()
  const count = waits.length
  next()
  await settle()
  expect(waits).toHaveLength(count)
})
