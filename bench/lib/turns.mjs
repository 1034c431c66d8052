import { progress, shuffled } from './rounds.mjs'
import { median, spread } from './stats.mjs'

/** Every subject in every round, in a random order; the ratio to the first within each round. */
export async function inTurn(subjects, rounds, label, measure) {
  const rates = new Map(subjects.map(({ name }) => [name, []]))
  for (const subject of subjects) await measure(subject, true)
  for (let round = 0; round < rounds; round++) {
    for (const subject of shuffled(subjects)) {
      rates.get(subject.name).push(await measure(subject, false))
    }
    progress(`${label}: round ${round + 1} of ${rounds}`)
  }
  progress('')
  const base = rates.get(subjects[0].name)
  return [...rates].map(([name, own]) => {
    const ratios = own.map((rate, round) => rate / base[round])
    return { name, ratio: median(ratios), spread: spread(ratios), rate: median(own) }
  })
}
