import { fileURLToPath } from 'node:url'
import { startChild } from './child.mjs'
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
    const quiet = await known(seconds / 3)
    const before = await child.ask({ command: 'memory' })
    const loud = await both(seconds)
    const after = await child.ask({ command: 'memory' })
    return floodReport({ quiet, loud, grown: after.bytes - before.bytes, seconds })
  } finally {
    for (const sender of Object.values(senders)) sender.stop()
  }
}

function floodReport({ quiet, loud, grown, seconds }) {
  const times = loud.known.p99 / quiet.known.p99
  const mebibytes = grown / 2 ** 20
  const isFlat = mebibytes < 8
  const isClean = [loud.known, quiet.known].every(({ statuses }) => statuses.join() === '200')
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
        [`memory after ${seconds} s of it, MiB more`, number(mebibytes), 'flat', answer(isFlat)],
        ['good requests that were refused', isClean ? '0' : 'some', '0', answer(isClean)],
        [
          'garbage, statuses',
          `${loud.garbage.statuses.join(', ')} (${loud.garbage.count})`,
          '401',
          answer(loud.garbage.statuses.join() === '401'),
        ],
      ],
    ),
    `p99 quiet ${number(quiet.known.p99)} ms, with garbage ${number(loud.known.p99)} ms.`,
  ].join('\n\n')
  return {
    text,
    losses: [
      ...(times < mostTimes ? [] : [`gateway, garbage: p99 ${number(times)} times, wanted < 2`]),
      ...(isFlat ? [] : [`gateway, garbage: memory grew by ${number(mebibytes)} MiB`]),
    ],
  }
}
