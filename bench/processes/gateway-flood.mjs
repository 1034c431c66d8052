// Asks as Traefik does, at a steady pace: known tokens, and beside them garbage that is never the same.
import { randomBytes } from 'node:crypto'
import { Agent, request } from 'node:http'
import { constants, setPriority } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { quantile } from '../lib/stats.mjs'

const agents = { known: agent(), garbage: agent() }

function agent() {
  return new Agent({ keepAlive: true, maxSockets: 64 })
}

// Half of it has the shape of a token.
const garbage = (turn) =>
  turn % 2 === 0
    ? randomBytes(300).toString('base64url')
    : [randomBytes(60), randomBytes(300), randomBytes(256)]
        .map((bytes) => bytes.toString('base64url'))
        .join('.')

const get = (port, authorization, from) =>
  new Promise((resolve, reject) => {
    const start = performance.now()
    const headers = {
      authorization,
      'x-forwarded-method': 'GET',
      'x-forwarded-uri': '/orders/1',
      'x-forwarded-host': 'api.test',
      'x-forwarded-proto': 'https',
    }
    request({ port, host: '127.0.0.1', path: '/check', agent: from, headers }, (response) => {
      response.resume().once('end', () => {
        resolve({ status: response.statusCode, millis: performance.now() - start })
      })
    })
      .once('error', reject)
      .end()
  })

async function pace({ port, seconds, known, knownRate, garbageRate, isLast = false }) {
  if (isLast) setPriority(constants.priority.PRIORITY_LOW)
  const pending = []
  const answers = { known: [], garbage: [] }
  const send = (kind, token) =>
    pending.push(get(port, `Bearer ${token}`, agents[kind]).then((one) => answers[kind].push(one)))
  const start = performance.now()
  const sent = { known: 0, garbage: 0 }
  for (let now = 0; now < seconds; now = (performance.now() - start) / 1000) {
    for (; sent.known < now * knownRate; sent.known++)
      send('known', known[sent.known % known.length])
    for (; sent.garbage < now * garbageRate; sent.garbage++) send('garbage', garbage(sent.garbage))
    await sleep(2)
  }
  await Promise.all(pending)
  return { known: summary(answers.known), garbage: summary(answers.garbage) }
}

const summary = (answers) => ({
  count: answers.length,
  statuses: [...new Set(answers.map(({ status }) => status))],
  p99: quantile(
    answers.map(({ millis }) => millis),
    0.99,
  ),
})

process.on('message', async (message) => {
  try {
    process.send({ answer: await pace(message) })
  } catch (error) {
    process.send({ error: String(error?.stack ?? error) })
  }
})
