import { fileURLToPath } from 'node:url'
import { startChild } from './child.mjs'
import { median } from './stats.mjs'
import { answer, number, table } from './table.mjs'

// The 99th percentile of good requests, against the same without garbage.
const mostTimes = 2

/** Valid requests at a steady pace, without garbage and then with 100,000 distinct tokens of it a minute. */
export async function floodOf({ tokens, seconds, service: { child, ports } }) {
  const file = fileURLToPath(new URL('../processes/gateway-flood.mjs', import.meta.url))
  // Each sender has a process of its own, and garbage comes from another machine as far as that can be
  // played here: its sender takes the time that nobody else wants.
  const senders = { known: startChild(file), garbage: startChild(file) }
  const port = ports['forward-auth']
  const known = (time) =>
    senders.known.ask({ port, seconds: time, known: tokens, knownRate: 300, garbageRate: 0 })
  const both = async (time) => {
    const wish = {
      port,
      seconds: time,
      known: tokens,
      knownRate: 0,
      garbageRate: 1667,
      isLast: true,
    }
    const [good, bad] = await Promise.all([known(time), senders.garbage.ask(wish)])
    return { known: good.known, garbage: bad.garbage }
  }
  try {
    // Memory is flat once the heap has the size that the load wants.
    await both(seconds / 2)
    const before = await child.ask({ command: 'memory' })
    const turns = []
    for (let turn = 0; turn < 3; turn++) {
      turns.push({ quiet: await known(seconds / 3), loud: await both(seconds / 3) })
    }
    const after = await child.ask({ command: 'memory' })
    return floodReport({ turns, before, after, seconds })
  } finally {
    for (const sender of Object.values(senders)) sender.stop()
  }
}

const mebibytes = (bytes) => bytes / 2 ** 20

function floodReport({ turns, before, after, seconds }) {
  const times = median(turns.map(({ quiet, loud }) => loud.known.p99 / quiet.known.p99))
  const grown = mebibytes(after.live - before.live)
  const isFlat = grown < 1
  const known = turns.flatMap(({ quiet, loud }) => [quiet.known, loud.known])
  const isClean = known.every(({ statuses }) => statuses.join() === '200')
  const garbage = turns.map(({ loud }) => loud.garbage)
  const statuses = [...new Set(garbage.flatMap((one) => one.statuses))].join(', ')
  const sent = garbage.reduce((sum, { count }) => sum + count, 0)
  const text = [
    '### 100,000 distinct garbage tokens a minute beside 300 good requests a second',
    table(
      ['', 'reached', 'target', ''],
      [
        [
          'p99 of good requests, against the same without garbage',
          number(times),
          `< ${mostTimes}`,
          answer(times < mostTimes),
        ],
        [`live memory after ${seconds} s of it, MiB more`, number(grown), 'flat', answer(isFlat)],
        ['resident memory, MiB more', number(mebibytes(after.resident - before.resident)), '', ''],
        ['good requests that were refused', isClean ? '0' : 'some', '0', answer(isClean)],
        ['garbage, statuses', `${statuses} (${sent})`, '401', answer(statuses === '401')],
      ],
    ),
    `p99 in ms, quiet and with garbage, in three turns: ${turns.map(({ quiet, loud }) => `${number(quiet.known.p99)} and ${number(loud.known.p99)}`).join('; ')}.`,
  ].join('\n\n')
  return {
    text,
    losses: [
      ...(times < mostTimes ? [] : [`gateway, garbage: p99 ${number(times)} times, wanted < 2`]),
      ...(isFlat ? [] : [`gateway, garbage: memory grew by ${number(grown)} MiB`]),
    ],
  }
}
