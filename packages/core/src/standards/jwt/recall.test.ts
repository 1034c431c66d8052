import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { createRecall } from './recall.ts'

const end = 'e'.repeat(43)
const token = `header.payload.${end}`

test('a token that was kept is recalled, in whatever string it comes', () => {
  const recall = createRecall<string>(10)
  recall.keep(token, 'known')
  expect(recall.get(token)).toBe('known')
  expect(recall.get(Buffer.from(`Bearer ${token}`).toString().slice(7))).toBe('known')
})

test.each([
  ['another payload', `header.Payload.${end}`],
  ['something before it', `.${token}`],
  ['another beginning of the signature', `header.payload.x${end}`],
  ['its end alone', end],
  ['nothing', ''],
])('with %s it is another token', (_what, other) => {
  const recall = createRecall<string>(10)
  recall.keep(token, 'known')
  expect(recall.get(other)).toBeUndefined()
})

test('of two tokens with the same end the last one is recalled', () => {
  const recall = createRecall<string>(10)
  recall.keep(`one${end}`, 'one')
  recall.keep(`other${end}`, 'other')
  expect(recall.get(`one${end}`)).toBeUndefined()
  expect(recall.get(`other${end}`)).toBe('other')
})

test('no more are kept than there is room for', () => {
  const recall = createRecall<string>(100)
  const tokens = Array.from({ length: 1000 }, (_, index) => `${token}${index}`)
  for (const one of tokens) recall.keep(one, one)
  const recalled = tokens.filter((one) => recall.get(one) !== undefined)
  expect(recalled.length).toBeGreaterThan(0)
  expect(recalled.length).toBeLessThanOrEqual(100)
})

test('no token outlives the next collection of garbage', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const recall = createRecall<string>(10)
  recall.keep(token, 'known')
  // What a job has looked at lives until its end.
  await setImmediate()
  collect()
  expect(recall.get(token)).toBeUndefined()
  recall.keep(token, 'known')
  expect(recall.get(token)).toBe('known')
})
