import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { median, spread } from './stats.mjs'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc')

/**
 * Runs every subject in every round, in a random order, and cuts each round into slices, so that a
 * neighbour's burst falls on all subjects alike. The measure is CPU time of the process, thread
 * pool and garbage collector included. A subject is `{ name, prepare(turn, count) => input,
 * run(input, from, to) => void | Promise, operations? }`. Answers microseconds per operation, by
 * subject and round.
 */
export async function interleave(subjects, { rounds, operations, slices = 5, label }) {
  const results = new Map(subjects.map(({ name }) => [name, []]))
  // Round -1 only warms up.
  for (let round = -1; round < rounds; round++) {
    const spent = new Map(subjects.map(({ name }) => [name, 0]))
    for (let slice = 0; slice < slices; slice++) {
      for (const subject of shuffled(subjects)) {
        const size = Math.ceil((subject.operations ?? operations) / slices)
        const cost = await measure(subject, (round + 1) * slices + slice, size)
        spent.set(subject.name, spent.get(subject.name) + cost / slices)
      }
    }
    if (round < 0) continue
    for (const [name, cost] of spent) results.get(name).push(cost)
    progress(`${label}: round ${round + 1} of ${rounds}`)
  }
  progress('')
  return results
}

async function measure({ prepare, run, warm = 30 }, turn, size) {
  const input = prepare(turn, size + warm)
  await run(input, 0, warm)
  // Twice, so that the input is old and no collection in the measured part has to copy it.
  collect({ type: 'minor' })
  collect({ type: 'minor' })
  const before = process.cpuUsage()
  const pending = run(input, warm, warm + size)
  // A synchronous subject must not pay for an await.
  if (pending !== undefined) await pending
  // Who makes garbage pays for it; with none to collect this costs 0.05 ms.
  collect({ type: 'minor' })
  const { user, system } = process.cpuUsage(before)
  return (user + system) / size
}

// Otherwise one subject would always inherit the garbage of the same neighbour.
export function shuffled(subjects) {
  const order = [...subjects]
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(Math.random() * (last + 1))
    ;[order[last], order[other]] = [order[other], order[last]]
  }
  return order
}

/** One line that overwrites itself, on a terminal only. */
export function progress(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[2K${text}`)
}

/**
 * For every subject the median over rounds of `baseline / subject` (a share of the baseline's
 * speed; `cost: true` gives `subject / baseline`), its spread, and the median of microseconds.
 */
export function compare(results, baseline, { cost = false } = {}) {
  const base = results.get(baseline)
  return [...results].map(([name, costs]) => {
    const ratios = costs.map((one, round) => (cost ? one / base[round] : base[round] / one))
    return { name, ratio: median(ratios), spread: spread(ratios), micros: median(costs) }
  })
}
