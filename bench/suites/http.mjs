import { fileURLToPath } from 'node:url'
import { startChild } from '../lib/child.mjs'
import { compare, progress, shuffled } from '../lib/rounds.mjs'
import { limit } from '../peers/limit.mjs'
import { answer, number, table } from '../lib/table.mjs'
import { createSigner, mint } from '../lib/tokens.mjs'

export const title = 'A guarded GET over HTTP'

const bare = 'unguarded'
const ours = 'Portcullis, default cache'
const modes = { known: '200 known tokens', fresh: 'every token new' }
const targets = { express: { known: 0.9, fresh: 0.6 }, koa: { known: 0.9, fresh: 0.36 } }
const headings = { express: 'Express 5', koa: 'Koa 3' }
const connections = 32
const slices = 2
// Until new connections are warm, and every cache has met the kind of load that comes now.
const settling = 2200

const common = [
  'fast-jwt, one key, cache',
  'fast-jwt, key by kid, cache',
  'jsonwebtoken, map of KeyObjects',
  'aws-jwt-verify',
  'jose',
  'oauth4webapi',
  '@okta/jwt-verifier',
]
const readyMade = {
  express: ['express-oauth2-jwt-bearer', 'express-jwt + jwks-rsa'],
  koa: ['koa-jwt + jwks-rsa'],
}

const file = (name) => fileURLToPath(new URL(`../processes/${name}.mjs`, import.meta.url))

export async function run(options) {
  const signer = createSigner('RS256')
  const setup = { algorithm: signer.algorithm, jwks: signer.jwks, jwk: signer.jwk, pem: signer.pem }
  const strings = (count) => mint(signer, count).map((bytes) => bytes.latin1Slice())
  const load = startChild(file('load'))
  try {
    await load.ask({ command: 'tokens', fields: { known: strings(200), fresh: strings(5000) } })
    const parts = []
    const losses = []
    for (const framework of options.only ?? ['express', 'koa']) {
      const { tables, refusing } = await measure(framework, { setup, load, options })
      for (const [mode, rows] of Object.entries(tables)) {
        const target = targets[framework][mode]
        parts.push(`### ${headings[framework]}, ${modes[mode]}\n\n${format(rows, target)}`)
        losses.push(...lost(`${headings[framework]}, ${modes[mode]}`, rows, target))
      }
      if (refusing.length > 0) parts.push(`Good tokens that were refused: ${refusing.join(', ')}.`)
    }
    return { title, text: [explanation, ...parts].join('\n\n'), losses }
  } finally {
    load.stop()
  }
}

const explanation = `CPU time of the server process for a request, unguarded / guarded (1 = the guard is free); RS256, ${connections} kept connections, load from another process, each application in a process of its own. "every token new": 5,000 tokens in turn, so that no cache of 1,000 ever hits. \`${limit.name}\` is the limit of every row without a cache: it reads no claim. Peers without a middleware of their own are called by hand. p50 and p99 show mostly the neighbours.`

async function measure(framework, { setup, load, options }) {
  const own = options.peersOnly ? [] : [ours, 'Portcullis, cache off']
  const names = [bare, 'only next()', limit.name, ...own, ...common, ...readyMade[framework]]
  const servers = []
  try {
    for (const name of names) {
      const child = startChild(file('server'), [framework, name])
      servers.push({ name, child, refused: 0 })
      const { port } = await child.ask({ command: 'listen', setup })
      servers.at(-1).port = port
    }
    const tables = await interleave(servers, { load, options, framework })
    const refusing = servers.filter(({ refused }) => refused > 0)
    return { tables, refusing: refusing.map(({ name, refused }) => `${name} (${refused})`) }
  } finally {
    for (const { child } of servers) child.stop()
  }
}

async function interleave(servers, { load, options, framework }) {
  const rounds = options.rounds ?? (options.quick ? 3 : 11)
  // Long enough that the caches of the processor, cold after eleven other processes, do not count.
  const requests = options.quick ? 400 : 4000
  const costs = both(() => new Map(servers.map(({ name }) => [name, []])))
  const delays = both(() => new Map())
  // Until the machine code of every application is ready.
  for (const server of servers) {
    for (const mode of Object.keys(modes)) await once(server, load, mode, 2 * requests)
  }
  for (let round = 0; round < rounds; round++) {
    for (const mode of shuffled(Object.keys(modes))) {
      const answers = await sliced(servers, load, mode, requests)
      for (const [name, { micros, p50, p99 }] of answers) {
        costs[mode].get(name).push(micros)
        delays[mode].set(name, { p50, p99 })
      }
    }
    progress(`${framework}: round ${round + 1} of ${rounds}`)
  }
  progress('')
  return Object.fromEntries(
    Object.entries(costs).map(([mode, results]) => [
      mode,
      compare(results, bare)
        .map((row) => ({ ...row, ...delays[mode].get(row.name) }))
        .toSorted((a, b) => b.ratio - a.ratio),
    ]),
  )
}

// A round is cut into slices, so that a neighbour's burst falls on all applications alike.
async function sliced(servers, load, mode, requests) {
  const totals = new Map()
  for (let slice = 0; slice < slices; slice++) {
    for (const server of shuffled(servers)) {
      const { micros, p50, p99 } = await once(server, load, mode, requests)
      const total = totals.get(server.name)?.micros ?? 0
      totals.set(server.name, { micros: total + micros / slices, p50, p99 })
    }
  }
  return totals
}

const both = (make) => Object.fromEntries(Object.keys(modes).map((mode) => [mode, make()]))

// Every token is good. A peer that refuses one is named; nothing of ours may.
async function once(server, load, mode, requests) {
  const { name, child, port } = server
  await load.ask({ command: 'open', port, connections })
  await load.ask({ command: 'send', mode, requests: settling })
  const before = await child.ask({ command: 'cpu' })
  const times = await load.ask({ command: 'send', mode, requests })
  const after = await child.ask({ command: 'cpu' })
  await load.ask({ command: 'close' })
  if (times.refused > 0 && !isPeer(name)) throw new Error(`${name} refused a good token`)
  server.refused += times.refused
  return { ...times, micros: (after.micros - before.micros) / requests }
}

const isPeer = (name) => common.includes(name) || Object.values(readyMade).flat().includes(name)

const wanted = (row, target) => (row.name === ours ? target : undefined)

const format = (rows, target) => {
  const base = rows.find(({ name }) => name === bare).micros
  return table(
    ['', 'share', '±', 'µs', 'added µs', 'p50 ms', 'p99 ms', 'target', 'reached'],
    rows.map((row) => [
      row.name,
      number(row.ratio),
      number(row.spread),
      number(row.micros),
      number(row.micros - base),
      number(row.p50),
      number(row.p99),
      wanted(row, target) === undefined ? '' : `>= ${number(target)}`,
      wanted(row, target) === undefined ? '' : answer(row.ratio >= target),
    ]),
  )
}

function lost(where, rows, target) {
  const row = rows.find(({ name }) => name === ours)
  if (row === undefined) return []
  const ahead = rows.filter(
    ({ name, ratio }) =>
      !name.startsWith('Portcullis') &&
      name !== bare &&
      name !== 'only next()' &&
      name !== limit.name &&
      ratio > row.ratio,
  )
  return [
    ...(row.ratio >= target ? [] : [`${where}: ${number(row.ratio)}, wanted ${number(target)}`]),
    ...ahead.map(
      (peer) => `${where}: ${peer.name} (${number(peer.ratio)}) is ahead (${number(row.ratio)})`,
    ),
  ]
}
