import { expect, test } from 'vitest'
import { renderMetrics, type Figures } from './metrics.ts'
import { bounds } from './tally.ts'
import type { Snapshot } from './snapshot.ts'

const issuer = 'https://id.example.com'

const snapshot = (count: number, more: Partial<Snapshot> = {}): Snapshot => ({
  decisions: [{ route: 'orders', dialect: 'nginx', outcome: 'allowed', reason: 'granted', count }],
  durations: [{ dialect: 'nginx', buckets: [count, ...bounds.map(() => 0)], sum: count / 10_000 }],
  issuers: [{ issuer, ok: true, age: 10 }],
  droppedLines: 1,
  strangers: 2,
  residentMemory: 1000,
  eventLoopLag: 0.002,
  ...more,
})

const figures = (more: Partial<Figures> = {}): Figures => ({
  processes: [snapshot(3), snapshot(4)],
  configHash: 'abc',
  reloads: 1,
  reloadFailures: 2,
  restarts: 3,
  ready: true,
  ...more,
})

const lines = async (given: Figures): Promise<readonly string[]> =>
  (await renderMetrics(given)).split('\n')

test('adds up the decisions and durations of all workers', async () => {
  const text = await lines(figures())
  const labels = 'route="orders",dialect="nginx",outcome="allowed",reason="granted"'
  expect(text).toContain(`portcullis_decisions_total{${labels}} 7`)
  expect(text).toContain('portcullis_decision_seconds_bucket{le="0.0001",dialect="nginx"} 7')
  expect(text).toContain('portcullis_decision_seconds_bucket{le="+Inf",dialect="nginx"} 7')
  expect(text).toContain('portcullis_decision_seconds_count{dialect="nginx"} 7')
  expect(text).toContain('portcullis_log_lines_dropped_total 2')
  expect(text).toContain('portcullis_strangers_total 4')
  expect(text).toContain('# TYPE portcullis_decision_seconds histogram')
})

test('counts on what workers that are gone had counted, so that no sum goes back', async () => {
  const text = await lines(figures({ processes: [snapshot(1)], departed: snapshot(100) }))
  expect(text).toContain('portcullis_decision_seconds_count{dialect="nginx"} 101')
  expect(text).toContain('portcullis_workers 1')
})

test('tells how the keys of each issuer fare, by the worst of all workers', async () => {
  const down = snapshot(0, { issuers: [{ issuer, ok: false, age: 99 }] })
  const text = await lines(figures({ processes: [snapshot(0), down] }))
  expect(text).toContain(`portcullis_jwks_age_seconds{issuer="${issuer}"} 99`)
  expect(text).toContain(`portcullis_issuer_usable{issuer="${issuer}"} 0`)
})

test('leaves the age out before keys were ever fetched', async () => {
  const cold = snapshot(0, { issuers: [{ issuer, ok: false }] })
  const text = await lines(figures({ processes: [cold] }))
  expect(text.some((line) => line.startsWith('portcullis_jwks_age_seconds{'))).toBe(false)
})

test('tells of configuration, reloads, restarts, workers and readiness', async () => {
  expect(await lines(figures({ ready: false }))).toEqual(
    expect.arrayContaining([
      'portcullis_config_info{hash="abc"} 1',
      'portcullis_config_reloads_total 1',
      'portcullis_config_reload_failures_total 2',
      'portcullis_worker_restarts_total 3',
      'portcullis_workers 2',
      'portcullis_ready 0',
      'portcullis_worker_resident_memory_bytes{worker="1"} 1000',
      'portcullis_worker_event_loop_lag_seconds{worker="0"} 0.002',
    ]),
  )
})
