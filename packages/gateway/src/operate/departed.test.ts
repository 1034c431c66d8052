import { expect, test } from 'vitest'
import { createDeparted } from './departed.ts'
import type { Snapshot } from './snapshot.ts'

const snapshot = (count: number): Snapshot => ({
  decisions: [{ route: 'a', dialect: 'nginx', outcome: 'allowed', reason: 'granted', count }],
  durations: [{ dialect: 'nginx', buckets: [count, 0], sum: count }],
  issuers: [],
  droppedLines: count,
  strangers: count,
  residentMemory: 1,
  eventLoopLag: 0,
})

test('keeps the last words of whoever is gone, once', () => {
  const departed = createDeparted()
  departed.heard(1, snapshot(1))
  departed.heard(1, snapshot(5))
  departed.heard(2, snapshot(7))
  expect(departed.sums.decisions).toEqual([])
  expect([departed.last(1)?.droppedLines, departed.last(3)]).toEqual([5, undefined])
  departed.gone(1)
  departed.gone(1)
  expect(departed.last(1)).toBeUndefined()
  departed.gone(2)
  departed.gone(3)
  expect(departed.sums).toMatchObject({
    decisions: [{ count: 12 }],
    durations: [{ buckets: [12, 0], sum: 12 }],
    droppedLines: 12,
    strangers: 12,
  })
})
