import { fileURLToPath } from 'node:url'
import { startChild } from '../lib/child.mjs'
import { answer, number, table } from '../lib/table.mjs'

export const title = 'Memory'

const kilobyte = 1024

export async function run(options) {
  const subjects = [...(options.peersOnly ? [] : ['Portcullis']), 'fast-jwt, one key']
  const rows = []
  for (const subject of subjects) {
    // The million is Portcullis' promise; a tenth of it shows the peer's slope.
    const tokens = options.quick ? 50_000 : subject === 'Portcullis' ? 1_000_000 : 100_000
    const { samples } = await ask({ what: 'flatness', subject, count: tokens })
    const { bytes, claims } = await ask({ what: 'entrySize', subject, count: 20_000 })
    rows.push({ subject, tokens, samples, bytes, claims })
  }
  return {
    title,
    text: [explanation(rows), growthTable(rows), entryTable(rows)].join('\n\n'),
    losses: rows.flatMap(lost),
  }
}

async function ask(message) {
  const child = startChild(
    fileURLToPath(new URL('../processes/memory.mjs', import.meta.url)),
    [],
    ['--expose-gc'],
  )
  try {
    return await child.ask(message)
  } finally {
    child.stop()
  }
}

const explanation = ([{ claims }]) =>
  `Distinct ES256 tokens with ${claims} bytes of claims, default cache of 1,000. Live heap and external memory after two full collections, at every tenth of the way; each row in a process of its own. "flat": less than 1 MiB more at the end than at the first tenth, which is the warm-up. Bytes per entry: a cache of 20,000, full, less the same empty.`

const mebibytes = (bytes) => (bytes / kilobyte ** 2).toFixed(1)

const growth = ({ samples }) => samples.at(-1).heap - samples[0].heap

const isFlat = (row) => growth(row) < kilobyte ** 2

const growthTable = (rows) =>
  table(
    [
      '',
      'tokens',
      'MiB at each tenth',
      'grown KiB',
      'bytes per token',
      'RSS MiB, first and last',
      'flat',
    ],
    rows.map((row) => [
      row.subject,
      row.tokens.toLocaleString('en'),
      row.samples.map(({ heap }) => mebibytes(heap)).join(' '),
      number(growth(row) / kilobyte),
      number(growth(row) / (row.tokens * 0.9)),
      [row.samples[0], row.samples.at(-1)].map(({ rss }) => mebibytes(rss)).join(', '),
      answer(isFlat(row)),
    ]),
  )

const entryTable = (rows) =>
  table(
    ['', 'bytes per cache entry', 'target', 'reached'],
    rows.map((row) => [
      row.subject,
      Math.round(row.bytes),
      row.subject === 'Portcullis' ? `<= ${kilobyte}` : '',
      row.subject === 'Portcullis' ? answer(row.bytes <= kilobyte) : '',
    ]),
  )

function lost(row) {
  if (row.subject !== 'Portcullis') return []
  return [
    ...(isFlat(row)
      ? []
      : [`memory: ${mebibytes(growth(row))} MiB more after ${row.tokens} tokens`]),
    ...(row.bytes <= kilobyte
      ? []
      : [`memory: ${Math.round(row.bytes)} bytes per entry, wanted ${kilobyte}`]),
  ]
}
