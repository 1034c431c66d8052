import { fileURLToPath } from 'node:url'
import { startIssuer } from '../lib/issuer-server.mjs'
import { startChild } from '../lib/child.mjs'
import { startCluster, startNginx } from '../lib/gateway-programs.mjs'
import { median } from '../lib/stats.mjs'
import { inTurn } from '../lib/turns.mjs'
import { answer, number, table } from '../lib/table.mjs'
import { floodOf } from '../lib/garbage.mjs'
import { audience } from '../lib/tokens.mjs'
import { createLoad } from '../lib/wrk.mjs'

export const title = 'The gateway service'

const targets = { nginx: 0.9, share: 0.8, cluster: 1.6 }
const explanation = `200 known RS256 tokens, a route with one scope. nginx: \`auth_request\` with the text that \`portcullis-gateway snippet\` prints, one worker, an upstream inside the same nginx; requests per second by wrk with 32 connections, as a share of those of the same nginx that asks a bare Node server (\`writeHead(204).end()\`). Checks: the dialect asked directly, CPU time of the process that answers, as a share of a stub that answers without looking. "with the internal token": the answer carries a signed token and two fields for the upstream, which the stub's does not.`

const file = (name) => fileURLToPath(new URL(`../processes/${name}.mjs`, import.meta.url))
const dialects = ['nginx', 'forward-auth', 'envoy-grpc']

export async function run(options) {
  const issuer = await startIssuer({ delay: 0 })
  const children = []
  const start = async (role, setup, execArgv = []) => {
    const child = startChild(file('gateway'), [role], execArgv)
    children.push(child)
    return { child, ports: await child.ask({ command: 'listen', setup }) }
  }
  const tokens = Array.from({ length: 200 }, () => issuer.first.token())
  const load = createLoad(tokens.map((token) => `Bearer ${token}`))
  try {
    const parties = {
      plain: await start('service', configuration(issuer.url)),
      identity: await start('service', configuration(issuer.url, identity)),
      none: await start('http', { status: 204 }),
      ok: await start('http', { status: 200 }),
      grpc: await start('grpc'),
    }
    const world = { parties, load, issuer: issuer.url, signer: issuer.first, tokens, options }
    const grpcLoad = startChild(file('grpc-load'))
    children.push(grpcLoad)
    const nginx = await behindNginx(world)
    const checks = await checksPerCore(world, grpcLoad)
    const flood = await floodOf({
      tokens,
      seconds: options.quick ? 10 : 60,
      service: await start('service', configuration(issuer.url), ['--expose-gc']),
    })
    const cluster = await onTwoCores(world)
    return {
      title,
      text: [
        explanation,
        rateTable('Behind nginx', nginx, targets.nginx),
        rateTable('Checks per second of CPU time', checks, targets.share),
        flood.text,
        cluster.text,
      ].join('\n\n'),
      losses: [
        ...lost(nginx, targets.nginx),
        ...lost(checks, targets.share),
        ...flood.losses,
        ...cluster.losses,
      ],
    }
  } finally {
    for (const child of children) child.stop()
    load.close()
    issuer.stop()
  }
}

const identity = {
  token: { issuer: 'http://127.0.0.1:1', audience: 'https://upstream.test' },
  headers: { 'X-Auth-Subject': 'sub', 'X-Auth-Scope': 'scope' },
}

const configuration = (issuer, more) => ({
  listen: dialects.map((dialect) => ({ dialect, tcp: '127.0.0.1:0' })),
  issuers: [{ id: 'main', issuer, audience }],
  routes: [{ path: '/orders/{id}', rules: { scopes: ['orders:read'] } }],
  log: 'none',
  // A machine that is loaded on purpose answers late; the deadline is not what is measured.
  deadline: 5,
  ...(more && { identity: more }),
})

async function behindNginx({ parties, load, options }) {
  const rounds = options.rounds ?? (options.quick ? 3 : 9)
  const wanted = [
    ['bare Node 204', parties.none.ports.http, undefined],
    ['Portcullis', parties.plain.ports.nginx, undefined],
    ['Portcullis, with the internal token', parties.identity.ports.nginx, identity],
  ]
  const nginx = await startNginx(wanted.map(([, port, fields]) => ({ port, fields })))
  try {
    const subjects = wanted.map(([name], at) => ({ name, port: nginx.ports[at] }))
    return await inTurn(subjects, rounds, 'nginx', async ({ port }, isWarm) => {
      const { rate } = await load.run({ port, seconds: isWarm ? 2 : 1 })
      return rate
    })
  } finally {
    await nginx.stop()
  }
}

async function checksPerCore({ parties, load, tokens, options }, grpcLoad) {
  const rounds = options.rounds ?? (options.quick ? 3 : 9)
  const overHttp = async ({ port, child }, isWarm) => {
    const before = await child.ask({ command: 'cpu' })
    const { requests } = await load.run({ port, seconds: isWarm ? 2 : 1, as: 'forward-auth' })
    const { micros } = await child.ask({ command: 'cpu' })
    return requests / ((micros - before.micros) / 1e6)
  }
  const authorizations = tokens.map((token) => `Bearer ${token}`)
  const overGrpc = async ({ port, child }, isWarm) => {
    const checks = isWarm ? 8000 : 4000
    const before = await child.ask({ command: 'cpu' })
    await grpcLoad.ask({ port, checks, tokens: authorizations })
    const { micros } = await child.ask({ command: 'cpu' })
    return checks / ((micros - before.micros) / 1e6)
  }
  const subject = (name, { child }, port) => ({ name, child, port })
  const http = await inTurn(
    [
      subject('stub, HTTP', parties.ok, parties.ok.ports.http),
      subject('Portcullis, forward-auth', parties.plain, parties.plain.ports['forward-auth']),
      subject(
        'Portcullis, forward-auth, with the internal token',
        parties.identity,
        parties.identity.ports['forward-auth'],
      ),
    ],
    rounds,
    'forward-auth',
    overHttp,
  )
  const grpc = await inTurn(
    [
      subject('stub, gRPC', parties.grpc, parties.grpc.ports.grpc),
      subject('Portcullis, Envoy gRPC', parties.plain, parties.plain.ports['envoy-grpc']),
      subject(
        'Portcullis, Envoy gRPC, with the internal token',
        parties.identity,
        parties.identity.ports['envoy-grpc'],
      ),
    ],
    rounds,
    'gRPC',
    overGrpc,
  )
  return [...http, ...grpc]
}

// wrk runs on the same two cores. What it takes of them is no worker's, so the target is for the load of
// which it takes least.
async function onTwoCores({ load, issuer, signer, options }) {
  const rounds = options.rounds ?? (options.quick ? 3 : 9)
  const one = await startCluster(configuration(issuer), 1)
  const two = await startCluster(configuration(issuer), 2)
  const fresh = createLoad(Array.from({ length: 5000 }, () => `Bearer ${signer.token()}`))
  const ofWrk = new Map()
  const measure =
    (from) =>
    async ({ name, port }, isWarm) => {
      const wish = { port, seconds: isWarm ? 2 : 1, connections: 64, as: 'forward-auth' }
      const { rate, cores } = await from.run(wish)
      ofWrk.set(name, [...(ofWrk.get(name) ?? []), cores])
      return rate
    }
  const pair = (of) => [
    { name: `one worker, ${of}`, port: one.port },
    { name: `two workers, ${of}`, port: two.port },
  ]
  try {
    const results = [
      ...(await inTurn(pair('every token new'), rounds, 'cluster', measure(fresh))),
      ...(await inTurn(pair('known tokens'), rounds, 'cluster', measure(load))),
    ]
    return clusterReport(results.map((row) => ({ ...row, wrk: median(ofWrk.get(row.name)) })))
  } finally {
    fresh.close()
    await Promise.all([one.stop(), two.stop()])
  }
}

function clusterReport(rows) {
  const isMeant = ({ name }) => name === 'two workers, every token new'
  const missed = rows.filter((row) => isMeant(row) && row.ratio < targets.cluster)
  return {
    text: [
      `### Two workers, on a machine of two cores that runs wrk too: at least ${targets.cluster}`,
      table(
        ['', 'share', '±', 'per second', 'cores of wrk', 'reached'],
        rows.map((row) => [
          row.name,
          number(row.ratio),
          number(row.spread),
          number(row.rate),
          number(row.wrk),
          isMeant(row) ? answer(row.ratio >= targets.cluster) : '',
        ]),
      ),
      'With known tokens one worker is nearly as fast as wrk, and two have to share their cores with it.',
    ].join('\n\n'),
    losses: missed.map(
      ({ name, ratio }) => `gateway: ${name} ${number(ratio)}, wanted ${targets.cluster}`,
    ),
  }
}

const isOurs = ({ name }) => name.startsWith('Portcullis')

const rateTable = (heading, rows, target) =>
  [
    `### ${heading}: at least ${target}`,
    table(
      ['', 'share', '±', 'per second', 'reached'],
      rows.map((row) => [
        row.name,
        number(row.ratio),
        number(row.spread),
        number(row.rate),
        isOurs(row) ? answer(row.ratio >= target) : '',
      ]),
    ),
  ].join('\n\n')

const lost = (rows, target) =>
  rows
    .filter((row) => isOurs(row) && row.ratio < target)
    .map(({ name, ratio }) => `gateway: ${name} ${number(ratio)}, wanted ${target}`)
