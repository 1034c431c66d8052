import { coldStart, hanging } from '../lib/cold.mjs'
import { flood, rotation } from '../lib/flood.mjs'
import { answer, number, table } from '../lib/table.mjs'

export const title = 'The issuer: cold start, hanging, rotation, forged kids'

export async function run(options) {
  const subjects = [
    ...(options.peersOnly ? [] : ['Portcullis']),
    ...(options.quick && !options.peersOnly ? [] : ['express-oauth2-jwt-bearer']),
  ]
  const sections = []
  for (const [heading, measure, wish] of parts) {
    const rows = []
    for (const subject of subjects) rows.push(...(await measure(subject, options)))
    sections.push({ heading, rows, wish })
  }
  return {
    title,
    text: [explanation, ...sections.map(format)].join('\n\n'),
    losses: sections.flatMap(lost),
  }
}

const explanation =
  'Options as documented, Express 5, an issuer on loopback that answers after 50 ms, known only by its URL. Nothing here is a ratio: counts are exact, and times belong to time-outs.'

const parts = [
  ['500 concurrent requests on a cold start', coldStart, '1 discovery and 1 JWKS fetch'],
  ['A hanging issuer on a cold start', hanging, '503 within 5 s'],
  [
    '2,000 forged kids in 5 s',
    flood,
    'at most 1 JWKS fetch per 10 s; p99 of known tokens no worse than under as many good requests',
  ],
  ['A new key during a flood of forged kids', rotation, 'accepted within 10 s'],
]

function format({ heading, rows, wish }) {
  const columns = Object.keys(rows[0].cells)
  return `### ${heading}\n\nMust reach: ${wish}.\n\n${table(
    ['', ...columns, 'reached'],
    rows.map(({ subject, cells, reached }) => [
      subject,
      ...columns.map((column) => {
        const cell = cells[column]
        return typeof cell === 'number' && !Number.isInteger(cell) ? number(cell) : cell
      }),
      subject === 'Portcullis' && reached !== undefined ? answer(reached) : '',
    ]),
  )}`
}

const lost = ({ heading, rows, wish }) =>
  rows
    .filter(({ subject, reached }) => subject === 'Portcullis' && reached === false)
    .map(({ cells }) => `${heading}: ${JSON.stringify(cells)}, wanted ${wish}`)
