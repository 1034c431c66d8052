import { contestants } from '../lib/contestants.mjs'
import { compare, interleave } from '../lib/rounds.mjs'
import { bare, bareVerify, verifying } from '../lib/subjects.mjs'
import { answer, number, table } from '../lib/table.mjs'
import { createSigner, mint } from '../lib/tokens.mjs'

export const title = 'Verification, every token new'

export const targets = {
  'Portcullis, cache off': { RS256: 0.88, PS256: 0.87, ES256: 0.94, EdDSA: 0.92 },
  'Portcullis, default cache': { RS256: 0.79, PS256: 0.8, ES256: 0.9, EdDSA: 0.91 },
}

/** More tokens than any cache of a thousand can hold: no cache ever hits. */
const pool = 4000

export async function run(options) {
  const parts = []
  const losses = []
  for (const algorithm of options.only ?? ['RS256', 'PS256', 'ES256', 'EdDSA']) {
    const rows = await measure(algorithm, options)
    parts.push(`### ${algorithm}\n\n${format(rows, algorithm)}`)
    losses.push(...lost(rows, algorithm))
  }
  return { title, text: [explanation, ...parts].join('\n\n'), losses }
}

const explanation = `Share of the speed of a bare synchronous \`crypto.verify\` (ready bytes, ready \`KeyObject\`), CPU time, one token at a time, full claim checks (\`iss\`, \`aud\`, \`exp\`). "by kid": the key is chosen by the token's \`kid\`. \`guard.check\` is the whole decision about a request.`

async function measure(algorithm, options) {
  const signer = createSigner(algorithm)
  const buffers = mint(signer, pool)
  const all = await contestants(signer, buffers, options)
  const subjects = [
    bareVerify(signer, buffers),
    ...(await Promise.all(all.map(({ name, check, tokens }) => verifying(name, check, tokens)))),
  ]
  const results = await interleave(subjects, {
    rounds: options.rounds ?? (options.quick ? 5 : 25),
    operations: options.quick ? 400 : 1000,
    label: `verify ${algorithm}`,
  })
  const facts = new Map(all.map((one) => [one.name, one]))
  return compare(results)
    .map((row) => ({ ...facts.get(row.name), ...row }))
    .toSorted((a, b) => b.ratio - a.ratio)
}

const format = (rows, algorithm) =>
  table(
    ['', 'share', '±', 'µs', 'by kid', 'cache', 'target', 'reached'],
    rows.map((row) => {
      const target = targets[row.name]?.[algorithm]
      return [
        row.name,
        number(row.ratio),
        number(row.spread),
        number(row.micros),
        row.name === bare ? '' : row.keyLookUp || row.ours ? 'yes' : 'no',
        row.cached ? 'yes' : '',
        target === undefined ? '' : `>= ${number(target)}`,
        target === undefined ? '' : answer(row.ratio >= target),
      ]
    }),
  )

function lost(rows, algorithm) {
  const losses = []
  for (const [name, wanted] of Object.entries(targets)) {
    const row = rows.find((one) => one.name === name)
    if (row === undefined) continue
    if (row.ratio < wanted[algorithm]) {
      losses.push(
        `verify ${algorithm}: ${name} ${number(row.ratio)}, wanted ${number(wanted[algorithm])}`,
      )
    }
    const ahead = rows.filter(
      (one) =>
        one.micros !== undefined &&
        !one.ours &&
        one.name !== bare &&
        one.cached === row.cached &&
        one.ratio > row.ratio,
    )
    for (const peer of ahead) {
      losses.push(
        `verify ${algorithm}: ${peer.name}${peer.keyLookUp ? '' : ' (no look-up by kid)'} (${number(peer.ratio)}) is ahead of ${name} (${number(row.ratio)})`,
      )
    }
  }
  return losses
}
