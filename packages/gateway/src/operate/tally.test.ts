import { forbidden } from '@portcullis/core'
import { expect, test } from 'vitest'
import type { Answer } from '../check/answer.ts'
import type { Route } from '../routing/route.ts'
import { bounds, createTally } from './tally.ts'

const route = (id: string): Route => ({ id, guard: undefined, upstream: undefined, lasting: false })

const allowed = (id: string): Answer => ({
  outcome: 'allowed',
  route: route(id),
  principal: undefined,
  identity: [],
  toClient: [],
  freshFor: 0,
})

const refused = (code: string, id?: string): Answer => ({
  outcome: 'refused',
  route: id === undefined ? undefined : route(id),
  status: 403,
  headers: [],
  code,
  refusal: forbidden('no'),
})

test('counts decisions by route, outcome and reason', () => {
  const tally = createTally('nginx')
  tally.record(allowed('orders'), 0.001)
  tally.record(allowed('orders'), 0.001)
  tally.record(refused('token_expired', 'orders'), 0.001)
  tally.record(refused('route_unknown'), 0.001)
  const dialect = 'nginx'
  expect(tally.decisions()).toEqual([
    { route: 'orders', dialect, outcome: 'allowed', reason: 'anonymous', count: 2 },
    { route: 'orders', dialect, outcome: 'refused', reason: 'token_expired', count: 1 },
    { route: 'none', dialect, outcome: 'refused', reason: 'route_unknown', count: 1 },
  ])
})

test('puts durations into buckets, what is slower than all bounds into the last', () => {
  const tally = createTally('nginx')
  for (const seconds of [0.0001, 0.00011, 0.2, 7]) tally.record(allowed('a'), seconds)
  const { buckets, sum } = tally.durations()
  const filled = buckets.flatMap((count, slot) => (count === 0 ? [] : [[bounds[slot], count]]))
  expect(filled).toEqual([
    [0.0001, 1],
    [0.00025, 1],
    [0.25, 1],
    [undefined, 1],
  ])
  expect(sum).toBeCloseTo(7.20021)
})

test('keeps the number of reasons bounded, whatever an application invents', () => {
  const tally = createTally('nginx')
  for (let index = 0; index < 1000; index++) tally.record(refused(`own_${index}`, 'a'), 0.001)
  const counts = tally.decisions()
  expect(counts.length).toBeLessThanOrEqual(66)
  expect(counts.find(({ reason }) => reason === 'other_refused')?.count).toBe(1000 - 64)
})

test('forgets routes that are gone, and keeps the others', () => {
  const tally = createTally('nginx')
  tally.record(allowed('old'), 0.001)
  tally.record(allowed('kept'), 0.001)
  tally.record(refused('route_unknown'), 0.001)
  tally.keepOnly(new Set(['kept']))
  expect(tally.decisions().map((one) => one.route)).toEqual(['kept', 'none'])
})
