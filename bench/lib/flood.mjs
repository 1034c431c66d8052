import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { call, withApi } from './api.mjs'
import { startChild } from './child.mjs'
import { median } from './stats.mjs'

const pacer = () => startChild(fileURLToPath(new URL('../processes/paced.mjs', import.meta.url)))

/**
 * Known tokens at 200 a second: alone, beside 400 more known ones a second, and beside 400 forged
 * kids a second. The middle case is the control: what the mere load does to a machine of few cores.
 */
export const flood = (subject, { quick }) =>
  withApi(subject, async ({ issuer, port }) => {
    const load = pacer()
    try {
      const task = known(issuer, port)
      await load.ask({ ...task, seconds: 2, moreRate: 200, forgedRate: 100 })
      // The warm-up asked for the keys: its cool-down must be over.
      await sleep(11_000)
      const rounds = []
      for (let round = 0; round < (quick ? 2 : 5); round++) {
        const quiet = await load.ask({ ...task, seconds: 5 })
        const busy = await load.ask({ ...task, seconds: 5, moreRate: 400 })
        const before = issuer.counts.jwks
        const loud = await load.ask({ ...task, seconds: 5, forgedRate: 400 })
        rounds.push({ quiet, busy, loud, fetches: issuer.counts.jwks - before })
      }
      return [summarise(subject, rounds)]
    } finally {
      load.stop()
    }
  })

function known(issuer, port) {
  const tokens = Array.from({ length: 200 }, () => issuer.first.token())
  const claims = issuer.first.token().split('.')[1]
  return { port, known: tokens, claims, knownRate: 200, moreRate: 0, forgedRate: 0 }
}

function summarise(subject, rounds) {
  const fetches = Math.max(...rounds.map((round) => round.fetches))
  const [quiet, busy, loud] = ['quiet', 'busy', 'loud'].map((kind) =>
    rounds.map((round) => round[kind].known.p99),
  )
  const good = rounds.every((round) => Object.keys(round.loud.known.statuses).join() === '200')
  return {
    subject,
    cells: {
      'fetches in 5 s (most)': fetches,
      'known tokens all 200': good ? 'yes' : 'no',
      'forged: statuses': JSON.stringify(rounds[0].loud.forged.statuses).replaceAll('"', ''),
      'p99 ms alone': range(quiet),
      'p99 ms, 400/s more known': range(busy),
      'p99 ms, 400/s forged': range(loud),
    },
    // What a machine does to itself under the same load is the noise.
    reached: good && fetches <= 1 && median(loud) <= Math.max(...busy),
  }
}

const range = (values) =>
  `${median(values).toFixed(1)} (${Math.min(...values).toFixed(1)} - ${Math.max(...values).toFixed(1)})`

/** The issuer brings in a key while forged kids pour in; how long until a token of that key is granted? */
export async function rotation(subject, { quick }) {
  const rows = []
  for (const after of quick ? [1] : [1, 4, 8]) {
    rows.push(await withApi(subject, (api) => rotateAfter(subject, api, after)))
  }
  return rows
}

async function rotateAfter(subject, { issuer, port }, after) {
  const load = pacer()
  try {
    await call(port, issuer.first.token())
    const flooding = load.ask({ ...known(issuer, port), seconds: after + 22, forgedRate: 100 })
    await sleep(after * 1000)
    const token = issuer.rotate('second').token()
    const start = performance.now()
    const seconds = await until(port, token, start)
    const { known: kept } = await flooding
    return {
      subject,
      cells: {
        'rotated after s of flood': after,
        'new key accepted after s': seconds ?? '> 20',
        'JWKS fetches': issuer.counts.jwks,
        'known tokens': JSON.stringify(kept.statuses).replaceAll('"', ''),
      },
      reached:
        seconds !== undefined && seconds <= 10 && Object.keys(kept.statuses).join() === '200',
    }
  } finally {
    load.stop()
  }
}

async function until(port, token, start) {
  for (let tries = 0; tries < 200; tries++) {
    const { status } = await call(port, token)
    const seconds = (performance.now() - start) / 1000
    if (status === 200) return seconds
    if (seconds > 20) return undefined
    await sleep(100)
  }
  return undefined
}
