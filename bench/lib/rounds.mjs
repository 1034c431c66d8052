import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { median, spread } from './stats.mjs'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc')

/**
 * Measures every subject in every round, in pairs. The measure is CPU time of the process, thread pool and
 * garbage collector included. A subject is `{ name, prepare(turn, count) => input, run(input, from, to) =>
 * void | Promise, operations?, warm? }`. Answers, by subject, pairs of microseconds per operation: `{
 * micros, base }`.
 */
export async function interleave(subjects, { rounds, operations, slices = 2, label }) {
  const results = new Map(subjects.map(({ name }) => [name, []]))
  // Round -1 only warms up.
  for (let round = -1; round < rounds; round++) {
    for (let slice = 0; slice < slices; slice++) {
      const turn = (round + 1) * slices + slice
      await inPairs(
        subjects,
        (subject) => measure(subject, turn, Math.ceil((subject.operations ?? operations) / slices)),
        ({ name }, micros, base) => {
          if (round >= 0) results.get(name).push({ micros, base })
        },
      )
    }
    progress(`${label}: round ${round + 1} of ${rounds}`)
  }
  progress('')
  return results
}

/**
 * Measures the subjects in a random order, each right after the first of them, which they are compared with:
 * what neighbours do to the machine changes within seconds, and falls on both. `keep` is told the subject,
 * what was measured of it, and of the first.
 */
export async function inPairs([baseline, ...others], measureOne, keep) {
  for (const subject of shuffled(others)) {
    const base = await measureOne(baseline)
    keep(baseline, base, base)
    keep(subject, await measureOne(subject), base)
  }
}

// The caches of the processor are another subject's when a slice begins.
const warming = 100

async function measure({ prepare, run, warm = warming }, turn, size) {
  const input = prepare(turn, size + warm)
  const ready = run(input, 0, warm)
  // A synchronous subject must not pay for an await.
  if (ready !== undefined) await ready
  // Twice, so that the input is old and no collection in the measured part has to copy it.
  collect({ type: 'minor' })
  collect({ type: 'minor' })
  const before = process.cpuUsage()
  const pending = run(input, warm, warm + size)
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
 * For every subject the median over its pairs of `base / micros` (a share of the baseline's speed; `cost:
 * true` gives `micros / base`), its spread, and the median of microseconds.
 */
export function compare(results, { cost = false } = {}) {
  return [...results].map(([name, pairs]) => {
    const ratios = pairs.map(({ micros, base }) => (cost ? micros / base : base / micros))
    return {
      name,
      ratio: median(ratios),
      spread: spread(ratios),
      micros: median(pairs.map(({ micros }) => micros)),
    }
  })
}
