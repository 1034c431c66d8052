import { Counter, Gauge, Registry, type Metric } from 'prom-client'
import { addSums, type Sums } from './departed.ts'
import { bounds, type DurationCount } from './tally.ts'
import type { Snapshot } from './snapshot.ts'

/** What is known of the whole program besides the numbers of its processes. */
export interface Figures {
  /** One of each process that decides, in the order of their places. */
  readonly processes: readonly Snapshot[]
  /** What processes that are gone had counted. */
  readonly departed?: Sums | undefined
  /** A hash of the configuration without its secrets. */
  readonly configHash: string
  readonly reloads: number
  readonly reloadFailures: number
  readonly restarts: number
  readonly ready: boolean
}

/** The type that goes with the text. */
export const metricsType: string = Registry.PROMETHEUS_CONTENT_TYPE

/**
 * Renders figures for Prometheus. Labels are route identifiers, dialects, outcomes, reason codes,
 * configured issuers and places of workers: never a path, a subject or anything else a client chose.
 */
export function renderMetrics(figures: Figures): Promise<string> {
  const registry = new Registry()
  const { departed, processes: present } = figures
  const sums = addSums(departed === undefined ? present : [departed, ...present])
  decisions(registry, sums)
  registry.registerMetric(durations(sums))
  simple(registry, sums)
  issuers(registry, figures)
  processes(registry, figures)
  program(registry, figures)
  return registry.metrics()
}

function decisions(registry: Registry, sums: Sums): void {
  const counter = new Counter({
    name: 'portcullis_decisions_total',
    help: 'Decisions by route, dialect, outcome and reason.',
    labelNames: ['route', 'dialect', 'outcome', 'reason'],
    registers: [registry],
  })
  for (const { count, ...labels } of sums.decisions) counter.inc(labels, count)
}

// Its numbers were put into buckets already, which the library's own histogram cannot take in; this is
// the form in which it hands its aggregated metrics to a registry itself.
function durations(sums: Sums): Metric {
  const name = 'portcullis_decision_seconds'
  const help = 'Seconds that decisions took, by dialect.'
  const values = sums.durations.flatMap((one) => bucketValues(name, one))
  const shape = { name, help, type: 'histogram', aggregator: 'sum', values }
  // A registry reads `name` and `get` alone, and the type describes the library's own classes.
  return { ...shape, get: () => Promise.resolve(shape) } as unknown as Metric
}

function bucketValues(name: string, { dialect, buckets, sum }: DurationCount): readonly unknown[] {
  let total = 0
  const below = buckets.map((count, slot) => ({
    metricName: `${name}_bucket`,
    labels: { le: bounds[slot] ?? '+Inf', dialect },
    value: (total += count),
  }))
  return [
    ...below,
    { metricName: `${name}_sum`, labels: { dialect }, value: sum },
    { metricName: `${name}_count`, labels: { dialect }, value: total },
  ]
}

function issuers(registry: Registry, { processes: all }: Figures): void {
  const labelNames = ['issuer']
  const age = new Gauge({
    name: 'portcullis_jwks_age_seconds',
    help: 'Seconds since the keys of an issuer were fetched, the oldest of all workers.',
    labelNames,
    registers: [registry],
  })
  const usable = new Gauge({
    name: 'portcullis_issuer_usable',
    help: '1 where every worker could validate tokens of the issuer now.',
    labelNames,
    registers: [registry],
  })
  const every = all.flatMap((one) => one.issuers)
  for (const issuer of new Set(every.map((one) => one.issuer))) {
    const states = every.filter((one) => one.issuer === issuer)
    usable.set({ issuer }, states.every(({ ok }) => ok) ? 1 : 0)
    const ages = states.flatMap((state) => state.age ?? [])
    if (ages.length > 0) age.set({ issuer }, Math.max(...ages))
  }
}

function processes(registry: Registry, { processes: all }: Figures): void {
  const labelNames = ['worker']
  const memory = new Gauge({
    name: 'portcullis_worker_resident_memory_bytes',
    help: 'Memory of a worker.',
    labelNames,
    registers: [registry],
  })
  const lag = new Gauge({
    name: 'portcullis_worker_event_loop_lag_seconds',
    help: 'How late the event loop of a worker was, 99th percentile since the last scrape.',
    labelNames,
    registers: [registry],
  })
  for (const [place, { residentMemory, eventLoopLag }] of all.entries()) {
    memory.set({ worker: place }, residentMemory)
    lag.set({ worker: place }, eventLoopLag)
  }
}

function simple(registry: Registry, { droppedLines, strangers }: Sums): void {
  const registers = [registry]
  new Counter({
    name: 'portcullis_log_lines_dropped_total',
    help: 'Lines of the log that nobody took in time.',
    registers,
  }).inc(droppedLines)
  new Counter({
    name: 'portcullis_strangers_total',
    help: 'Connections turned away because their address is not among the peers.',
    registers,
  }).inc(strangers)
}

function program(registry: Registry, figures: Figures): void {
  const registers = [registry]
  const counter = (name: string, help: string, value: number): void =>
    new Counter({ name, help, registers }).inc(value)
  const gauge = (name: string, help: string, value: number): void =>
    new Gauge({ name, help, registers }).set(value)
  counter('portcullis_config_reloads_total', 'Configurations taken over.', figures.reloads)
  counter(
    'portcullis_config_reload_failures_total',
    'Configurations refused; the one before went on.',
    figures.reloadFailures,
  )
  counter('portcullis_worker_restarts_total', 'Workers started again.', figures.restarts)
  gauge('portcullis_workers', 'Processes that decide.', figures.processes.length)
  gauge('portcullis_ready', '1 where /readyz says so.', figures.ready ? 1 : 0)
  new Gauge({
    name: 'portcullis_config_info',
    help: 'The configuration in use, by a hash of it without secrets.',
    labelNames: ['hash'],
    registers,
  }).set({ hash: figures.configHash }, 1)
}
