import { fileURLToPath } from 'node:url'
import { startChild } from '../lib/child.mjs'
import { compare, interleave, progress, shuffled } from '../lib/rounds.mjs'
import { median, spread } from '../lib/stats.mjs'
import { answer, number, table } from '../lib/table.mjs'
import { session, tokens } from '../peers/session-content.mjs'
import { startRedis } from '../peers/session-redis.mjs'
import { bare, none, openers, peers } from '../peers/session.mjs'

export const title = 'A session of the browser, read for every request'

const ours = 'Portcullis, sealed'
const measure = 'express-openid-connect'
const reference = 'bare AES-256-GCM + JSON.parse, the tokens alone'
const targets = { open: 0.7, bytes: 4096, share: 0.15, setCookie: 0 }
const browsers = 20

export async function run(options) {
  const redis = await startRedis()
  try {
    const names = [
      none.name,
      ...(options.peersOnly ? [] : [ours]),
      ...peers.filter((peer) => !peer.needsRedis || redis !== undefined).map(({ name }) => name),
    ]
    const { fields, rows } = await overHttp(names, { redis: redis?.url }, options)
    const opened = await opening(fields, options)
    return {
      title,
      text: [explanation, openTable(opened), httpTable(rows)].join('\n\n'),
      losses: [...lostOpening(opened), ...lostOverHttp(rows)],
    }
  } finally {
    redis?.stop()
  }
}

const explanation = `An ID token of 2 KB, an access token of 1.5 KB and a refresh token; ${browsers} browsers in turn. Portcullis keeps the claims, the owner and the times of the session besides. First table: a \`Cookie\` field is opened, in one process; the share is that of the speed of a bare decipherment with one key, of the tokens alone or of all that Portcullis keeps. Second table: Express 5, each application in a process of its own, CPU time of that process (a Redis is another, and its time is not counted); "added" is what the application spends more than without a session. The cookie of iron-session is over the limit that its own \`save\` keeps, and over that of browsers; it is sent all the same.`

async function opening(fields, options) {
  const plain = bare()
  const sealed = (make) => Array.from({ length: browsers }, () => plain.seal(make()))
  const subjects = [
    { name: reference, texts: sealed(tokens), open: plain.open, operations: 4000 },
    { name: 'the same, all that Portcullis keeps', texts: sealed(session), open: plain.open },
  ]
  if (!options.peersOnly) {
    const { vault } = await import('../peers/session-portcullis.mjs')
    subjects.push({ name: ours, texts: fields.get(ours), open: vault().read })
  }
  for (const { name, open } of openers) {
    subjects.push({ name, texts: fields.get(name), open: await open(), operations: 1000 })
  }
  const results = await interleave(await Promise.all(subjects.map(subjectOf)), {
    rounds: options.rounds ?? (options.quick ? 5 : 25),
    operations: 4000,
    label: 'session, opening',
  })
  return compare(results).toSorted((a, b) => b.ratio - a.ratio)
}

// New string objects for every slice, as a parser makes them.
async function subjectOf({ name, texts, open, operations }) {
  const buffers = texts.map((text) => Buffer.from(text, 'latin1'))
  const first = open(texts[0])
  if ((await first) === undefined) throw new Error(`${name} does not open its own`)
  const waits = typeof first.then === 'function'
  return {
    name,
    operations,
    warm: 200,
    prepare: (_turn, count) =>
      Array.from({ length: count }, (_, at) => buffers[at % buffers.length].latin1Slice()),
    run: waits ? awaiting(open) : calling(open),
  }
}

const calling = (open) => (input, from, to) => {
  for (let at = from; at < to; at++) open(input[at])
}

const awaiting = (open) => async (input, from, to) => {
  for (let at = from; at < to; at++) await open(input[at])
}

const file = (name) => fileURLToPath(new URL(`../processes/${name}.mjs`, import.meta.url))

async function overHttp(names, setup, options) {
  const load = startChild(file('session-load'))
  const servers = []
  try {
    for (const name of names) {
      const child = startChild(file('server'), ['session', name])
      servers.push({ name, child })
      const server = servers.at(-1)
      server.port = (await child.ask({ command: 'listen', setup })).port
      const pairs = await load.ask({ command: 'signIn', port: server.port, browsers })
      server.fields = pairs.map((cookies) => cookies.join('; '))
      server.count = pairs[0].length
    }
    const rows = await inRounds(servers, load, options)
    return { fields: new Map(servers.map(({ name, fields }) => [name, fields])), rows }
  } finally {
    for (const { child } of servers) child.stop()
    load.stop()
  }
}

async function inRounds(servers, load, options) {
  const rounds = options.rounds ?? (options.quick ? 3 : 11)
  const requests = options.quick ? 600 : 3000
  const costs = new Map(servers.map(({ name }) => [name, []]))
  const sent = new Map()
  for (const server of servers) await once(server, load, 2 * requests)
  for (let round = 0; round < rounds; round++) {
    for (const server of shuffled(servers)) {
      const { micros, setCookie } = await once(server, load, requests)
      costs.get(server.name).push(micros)
      sent.set(server.name, setCookie)
    }
    progress(`session, Express: round ${round + 1} of ${rounds}`)
  }
  progress('')
  return servers.map(({ name, fields, count }) => ({
    name,
    count,
    bytes: Math.max(...fields.map((field) => field.length)),
    setCookie: sent.get(name),
    ...addedBy(name, costs),
  }))
}

async function once({ child, port, fields }, load, requests) {
  const ask = (count) => load.ask({ command: 'send', port, fields, requests: count })
  await ask(100)
  const before = await child.ask({ command: 'cpu' })
  const { setCookie } = await ask(requests)
  const after = await child.ask({ command: 'cpu' })
  return { setCookie, micros: (after.micros - before.micros) / requests }
}

function addedBy(name, costs) {
  const added = (of) => costs.get(of).map((cost, round) => cost - costs.get(none.name)[round])
  const base = added(measure)
  const shares = added(name).map((cost, round) => cost / base[round])
  return { micros: median(added(name)), share: median(shares), spread: spread(shares) }
}

const targetOf = ({ name }, target, sign) => (name === ours ? `${sign} ${number(target)}` : '')

const openTable = (rows) =>
  table(
    ['', 'share', '±', 'µs', 'target', 'reached'],
    rows.map((row) => [
      row.name,
      number(row.ratio),
      number(row.spread),
      number(row.micros),
      targetOf(row, targets.open, '>='),
      row.name === ours ? answer(row.ratio >= targets.open) : '',
    ]),
  )

const httpTable = (rows) =>
  table(
    ['', 'cookies', 'bytes', 'Set-Cookie bytes', 'added µs', `of ${measure}`, '±', 'reached'],
    rows.map((row) => [
      row.name,
      row.count,
      row.bytes,
      Math.round(row.setCookie),
      number(row.micros),
      number(row.share),
      number(row.spread),
      row.name === ours ? answer(lostOverHttp([row]).length === 0) : '',
    ]),
  )

const lostOpening = (rows) =>
  rows
    .filter(({ name, ratio }) => name === ours && ratio < targets.open)
    .map(({ ratio }) => `session: opening ${number(ratio)}, wanted ${number(targets.open)}`)

function lostOverHttp(rows) {
  const row = rows.find(({ name }) => name === ours)
  if (row === undefined) return []
  const { count, bytes, setCookie, share } = row
  const ahead = rows.filter((other) => other.name !== none.name && other.share < share)
  return [
    ...(count === 1 && bytes < targets.bytes
      ? []
      : [`session: ${bytes} bytes in ${count} cookies`]),
    ...(setCookie <= targets.setCookie ? [] : [`session: ${setCookie} bytes of Set-Cookie`]),
    ...(share <= targets.share
      ? []
      : [`session: added ${number(share)} of ${measure}, wanted ${number(targets.share)}`]),
    ...ahead.map(
      (peer) => `session: ${peer.name} adds less (${number(peer.share)} against ${number(share)})`,
    ),
  ]
}
