import { contestants } from '../lib/contestants.mjs'
import { compare, interleave } from '../lib/rounds.mjs'
import { bare, bareVerify, refused, refusing } from '../lib/subjects.mjs'
import { answer, number, table } from '../lib/table.mjs'
import { bad, bearer, createSigner, mint } from '../lib/tokens.mjs'

export const title = 'Refusals'

const targets = {
  expired: 0.3,
  'not a token': 0.15,
  'bad signature': 1.3,
  // No target: what an attacker who writes every header anew can make a server do.
  'bad signature, header never seen': undefined,
}
const ours = 'Portcullis, cache off'

export async function run(options) {
  const signer = createSigner('RS256')
  const buffers = mint(signer, 400)
  const all = await contestants(signer, buffers, options)
  for (const { check, tokens } of all) {
    for (const token of tokens) await check(token.latin1Slice())
  }
  const gate = await passGate(signer, all)
  const parts = []
  const losses = []
  for (const [kind, target] of Object.entries(targets)) {
    const rows = await measure(kind, { signer, buffers, all, gate, options })
    parts.push(
      `### ${kind[0].toUpperCase()}${kind.slice(1)}${target === undefined ? '' : `: at most ${number(target)}`}\n\n${format(rows, target)}`,
    )
    losses.push(...lost(kind, rows, target))
  }
  return { title, text: [explanation, ...parts, describe(gate)].join('\n\n'), losses }
}

const explanation =
  'Cost of saying no, as a part of the cost of a bare RS256 `crypto.verify` (less is better); 400 distinct bad tokens of each kind, new string objects. Everybody has seen 400 good tokens before, as a live server has.'

async function measure(kind, { signer, buffers, all, gate, options }) {
  const forged = Array.from({ length: 400 }, () => Buffer.from(bad[kind](signer), 'latin1'))
  const fields = bearer(forged)
  const able = all.filter(({ name }) => !gate.get(name).includes(kind))
  const subjects = await Promise.all(
    able.map((one) =>
      refusing(
        one.name,
        one.check,
        one.tokens[0].latin1Slice(0, 7) === 'Bearer ' ? fields : forged,
      ),
    ),
  )
  const results = await interleave([bareVerify(signer, buffers), ...subjects], {
    rounds: options.rounds ?? (options.quick ? 5 : 25),
    operations: options.quick ? 400 : 1000,
    label: kind,
  })
  return compare(results, { cost: true })
    .filter(({ name }) => name !== bare)
    .toSorted((a, b) => a.ratio - b.ratio)
}

/** Which bad tokens everybody lets pass: a fast verifier that accepts them would prove nothing. */
async function passGate(signer, all) {
  const accepted = new Map()
  for (const { name, check, tokens } of all) {
    const prefix = tokens[0].latin1Slice(0, 7) === 'Bearer ' ? 'Bearer ' : ''
    const passed = []
    for (const [kind, forge] of Object.entries(bad)) {
      const [, no] = await refused(check, prefix + forge(signer))
      if (!no) passed.push(kind)
    }
    accepted.set(name, passed)
  }
  return accepted
}

const describe = (gate) =>
  [
    '### What each accepts of the bad tokens',
    'Offered: ' +
      Object.keys(bad).join(', ') +
      '. All signed by the right key, except where the name says otherwise.',
    table(
      ['', 'accepts'],
      [...gate].map(([name, kinds]) => [name, kinds.length === 0 ? 'none' : kinds.join(', ')]),
    ),
  ].join('\n\n')

const format = (rows, target) =>
  table(
    ['', 'part', '±', 'µs', 'reached'],
    rows.map((row) => [
      row.name,
      number(row.ratio),
      number(row.spread),
      number(row.micros),
      row.name.startsWith('Portcullis') && target !== undefined ? answer(row.ratio <= target) : '',
    ]),
  )

function lost(kind, rows, target) {
  const row = rows.find(({ name }) => name === ours)
  if (row === undefined) return []
  const ahead = rows.filter((one) => !one.name.startsWith('Portcullis') && one.ratio < row.ratio)
  return [
    ...(target === undefined || row.ratio <= target
      ? []
      : [`refusals, ${kind}: ${number(row.ratio)}, wanted at most ${number(target)}`]),
    ...ahead.map(
      (one) =>
        `refusals, ${kind}: ${one.name} (${number(one.ratio)}) is ahead (${number(row.ratio)})`,
    ),
  ]
}
