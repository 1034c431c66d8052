// A process of its own that sends known tokens, and beside them forged ones, at a steady pace.
import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { randomUUID } from 'node:crypto'
import { quantile } from '../lib/stats.mjs'

const agents = { known: agent(), more: agent(), forged: agent() }

function agent() {
  return new Agent({ keepAlive: true, maxSockets: 256 })
}

process.on('message', async (message) => {
  try {
    process.send({ answer: await pace(message) })
  } catch (error) {
    process.send({ error: String(error) })
  }
})

async function pace({ port, seconds, known, knownRate, moreRate, claims, forgedRate }) {
  const pending = []
  const answers = { known: [], more: [], forged: [] }
  const send = (kind, token) =>
    pending.push(get(port, token, agents[kind]).then((answer) => answers[kind].push(answer)))
  const start = performance.now()
  const sent = { known: 0, more: 0, forged: 0 }
  for (let now = 0; now < seconds; now = (performance.now() - start) / 1000) {
    for (; sent.known < now * knownRate; sent.known++)
      send('known', known[sent.known % known.length])
    for (; sent.more < now * moreRate; sent.more++) send('more', known[sent.more % known.length])
    for (; sent.forged < now * forgedRate; sent.forged++) send('forged', forge(claims))
    await sleep(2)
  }
  await Promise.all(pending)
  return { known: summary(answers.known), forged: summary(answers.forged) }
}

// A random kid, claims that pass, and a signature of the right length.
function forge(claims) {
  const header = { alg: 'RS256', typ: 'at+jwt', kid: randomUUID() }
  return `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${claims}.${'A'.repeat(342)}`
}

function get(port, token, via) {
  const start = performance.now()
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` }
    request({ port, host: '127.0.0.1', path: '/orders', agent: via, headers }, (response) => {
      response.resume()
      response.once('end', () =>
        resolve({ status: response.statusCode, took: performance.now() - start }),
      )
    })
      .once('error', reject)
      .end()
  })
}

function summary(answers) {
  const times = answers.map(({ took }) => took)
  const statuses = {}
  for (const { status } of answers) statuses[status] = (statuses[status] ?? 0) + 1
  return { statuses, p50: quantile(times, 0.5), p99: quantile(times, 0.99) }
}
