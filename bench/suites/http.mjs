import { fileURLToPath } from 'node:url'
import { startChild } from '../lib/child.mjs'
import { compare, inPairs, progress, shuffled } from '../lib/rounds.mjs'
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
// Of every application in a round.
const slices = 4
// Until the machine code of an application is ready.
const warmUp = 8000
// Until every cache has met the kind of load that comes now.
const settling = 2200
// Until the caches of the processor, cold after a dozen other processes, are warm again.
const warming = 1000

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
  load.pin(1)
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

const explanation = `CPU time of the server process for a request, unguarded / guarded (1 = the guard is free); RS256, ${connections} kept connections, load from another process on another processor that never sleeps (or whoever is slower than it would pay for waking it), each application in a process of its own, a new one for each round. "every token new": 5,000 tokens in turn, so that no cache of 1,000 ever hits. \`${limit.name}\` is the limit of every row without a cache: it reads no claim. Peers without a middleware of their own are called by hand. p50 and p99 are those of the last slice, and show mostly the neighbours.`

async function measure(framework, { setup, load, options }) {
  const own = options.peersOnly ? [] : [ours, 'Portcullis, cache off']
  const names = [bare, 'only next()', limit.name, ...own, ...common, ...readyMade[framework]]
  const rounds = options.rounds ?? (options.quick ? 1 : 9)
  const costs = both(() => new Map(names.map((name) => [name, []])))
  const delays = both(() => new Map())
  const refusing = new Set()
  for (let round = 0; round < rounds; round++) {
    const found = await once(framework, names, { setup, load, options })
    for (const [mode, name, { pairs, p50, p99, refused }] of found) {
      costs[mode].get(name).push(...pairs)
      delays[mode].set(name, { p50, p99 })
      if (refused > 0) refusing.add(name)
    }
    progress(`${framework}: round ${round + 1} of ${rounds}`)
  }
  progress('')
  const tables = Object.entries(costs).map(([mode, results]) => [
    mode,
    compare(results)
      .map((row) => ({ ...row, ...delays[mode].get(row.name) }))
      .toSorted((one, other) => other.ratio - one.ratio),
  ])
  return { tables: Object.fromEntries(tables), refusing: [...refusing] }
}

// With new processes in every round: one of an application runs some percent faster than the next.
async function once(framework, names, { setup, load, options }) {
  const servers = []
  try {
    for (const name of names) servers.push(await start(framework, name, { setup, load }))
    const found = []
    for (const mode of shuffled(Object.keys(modes))) {
      const figures = await sliced(servers, load, mode, options.quick ? 400 : 3000)
      for (const [name, own] of figures) found.push([mode, name, own])
    }
    return found
  } finally {
    for (const { child } of servers) child.stop()
    await load.ask({ command: 'close' })
  }
}

async function start(framework, name, { setup, load }) {
  const child = startChild(file('server'), [framework, name])
  const { port } = await child.ask({ command: 'listen', setup })
  child.pin(0)
  await load.ask({ command: 'open', port, connections })
  const server = { name, child, port }
  for (const mode of Object.keys(modes)) await send(server, load, mode, warmUp)
  return server
}

async function sliced(servers, load, mode, requests) {
  const found = new Map(servers.map(({ name }) => [name, { pairs: [], refused: 0 }]))
  for (const server of servers) await send(server, load, mode, settling)
  for (let turn = 0; turn < slices; turn++) {
    await inPairs(
      servers,
      (server) => slice(server, load, mode, requests),
      ({ name }, { micros, refused, ...delays }, base) => {
        const own = found.get(name)
        own.pairs.push({ micros, base: base.micros })
        own.refused += refused
        Object.assign(own, delays)
      },
    )
  }
  return found
}

const both = (make) => Object.fromEntries(Object.keys(modes).map((mode) => [mode, make()]))

async function slice(server, load, mode, requests) {
  await send(server, load, mode, warming)
  const before = await server.child.ask({ command: 'cpu' })
  const times = await send(server, load, mode, requests)
  const after = await server.child.ask({ command: 'cpu' })
  return { ...times, micros: (after.micros - before.micros) / requests }
}

// Every token is good. A peer that refuses one is named; nothing of ours may.
async function send(server, load, mode, requests) {
  const times = await load.ask({ command: 'send', port: server.port, mode, requests })
  if (times.refused > 0 && !isPeer(server.name)) {
    throw new Error(`${server.name} refused a good token`)
  }
  return times
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
