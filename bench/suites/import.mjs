import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { compare, inPairs, progress } from '../lib/rounds.mjs'
import { median } from '../lib/stats.mjs'
import { answer, number, table } from '../lib/table.mjs'

export const title = 'Import'

const rival = 'express-oauth2-jwt-bearer'
const ours = '@portcullis/express'
const peers = [
  'express-jwt',
  'jwks-rsa',
  'koa-jwt',
  'jose',
  'fast-jwt',
  'aws-jwt-verify',
  '@okta/jwt-verifier',
  'oauth4webapi',
  'jsonwebtoken',
]

export async function run(options) {
  const own = options.peersOnly ? [] : [ours, '@portcullis/koa', '@portcullis/core']
  const names = [rival, ...own, 'express', ...peers]
  const rounds = options.rounds ?? (options.quick ? 5 : 25)
  const costs = new Map(names.map((name) => [name, []]))
  const memory = new Map(names.map((name) => [name, []]))
  // Round -1 fills the file cache.
  for (let round = -1; round < rounds; round++) {
    await inPairs(names, load, (name, { micros, rss }, { micros: base }) => {
      if (round < 0) return
      costs.get(name).push({ micros, base })
      memory.get(name).push(rss)
    })
    progress(`import: round ${round + 1} of ${rounds}`)
  }
  progress('')
  const rows = compare(costs, { cost: true })
    .map((row) => ({ ...row, rss: median(memory.get(row.name)) }))
    .toSorted((a, b) => a.ratio - b.ratio)
  return { title, text: `${explanation}\n\n${format(rows)}`, losses: lost(rows) }
}

const explanation = `CPU time of \`await import(name)\` in a fresh process, as a part of ${rival}'s (less is better).`

const load = (name) =>
  JSON.parse(
    execFileSync(
      process.execPath,
      [fileURLToPath(new URL('../processes/import.mjs', import.meta.url)), name],
      {
        encoding: 'utf8',
      },
    ),
  )

const format = (rows) =>
  table(
    ['', 'part', '±', 'ms', 'RSS MiB', 'target', 'reached'],
    rows.map((row) => [
      row.name,
      number(row.ratio),
      number(row.spread),
      number(row.micros / 1000),
      number(row.rss / 2 ** 20),
      row.name === ours ? '<= 1.00' : '',
      row.name === ours ? answer(row.ratio <= 1) : '',
    ]),
  )

function lost(rows) {
  const row = rows.find(({ name }) => name === ours)
  return row === undefined || row.ratio <= 1 ? [] : [`import: ${number(row.ratio)} of ${rival}`]
}
