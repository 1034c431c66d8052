import type { Snapshot } from './snapshot.ts'
import type { DecisionCount, DurationCount } from './tally.ts'

/** What processes that are gone had counted: the sums of the program never go back. */
export interface Sums {
  readonly decisions: readonly DecisionCount[]
  readonly durations: readonly DurationCount[]
  readonly droppedLines: number
  /** Connections that were turned away. */
  readonly strangers: number
}

/** Adds up what was counted in several places. */
export function addSums(all: readonly Sums[]): Sums {
  const decisions = new Map<string, DecisionCount>()
  for (const one of all.flatMap((sums) => sums.decisions)) {
    const key = JSON.stringify([one.route, one.dialect, one.outcome, one.reason])
    const count = one.count + (decisions.get(key)?.count ?? 0)
    decisions.set(key, { ...one, count })
  }
  const durations = new Map<string, DurationCount>()
  for (const one of all.flatMap((sums) => sums.durations)) {
    const before = durations.get(one.dialect)
    const buckets = one.buckets.map((count, slot) => count + (before?.buckets[slot] ?? 0))
    durations.set(one.dialect, { ...one, buckets, sum: one.sum + (before?.sum ?? 0) })
  }
  return {
    decisions: [...decisions.values()],
    durations: [...durations.values()],
    droppedLines: all.reduce((sum, one) => sum + one.droppedLines, 0),
    strangers: all.reduce((sum, one) => sum + one.strangers, 0),
  }
}

/** Remembers the last words of each process until it is gone, and the sum of all that are. */
export interface Departed {
  heard(process: number, snapshot: Snapshot): void
  gone(process: number): void
  /** The last words of one that is not gone. */
  last(process: number): Snapshot | undefined
  readonly sums: Sums
}

/** Makes the memory of a primary. */
export function createDeparted(): Departed {
  const words = new Map<number, Snapshot>()
  let sums: Sums = addSums([])
  return {
    heard: (process, snapshot) => void words.set(process, snapshot),
    gone: (process) => {
      const last = words.get(process)
      words.delete(process)
      if (last !== undefined) sums = addSums([sums, last])
    },
    last: (process) => words.get(process),
    get sums() {
      return sums
    },
  }
}
