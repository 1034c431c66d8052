import { contestants } from '../lib/contestants.mjs'
import { compare, interleave } from '../lib/rounds.mjs'
import { bareVerify } from '../lib/subjects.mjs'
import { answer, number, table } from '../lib/table.mjs'
import { createSigner, mint } from '../lib/tokens.mjs'

export const title = 'Verification, the same 200 tokens'

const target = 15
const ours = 'Portcullis, default cache'

export async function run(options) {
  const signer = createSigner('RS256')
  const buffers = mint(signer, 200)
  const all = await contestants(signer, buffers, options)
  const cached = all.filter((one) => one.cached)
  const uncached = all.filter((one) => !one.ours && !one.cached && one.keyLookUp)
  const subjects = [
    { ...bareVerify(signer, buffers), warm: 10 },
    repeated('the loop alone (makes the string)', String, buffers),
    ...(await Promise.all(cached.map((one) => hitting(one)))),
    ...cached.filter(({ name }) => name === ours).map(promising),
    // Without a cache of results a repeated token costs what a new one does: the best of them will do.
    ...(await Promise.all(
      uncached
        .filter(({ name }) => name === 'aws-jwt-verify' || name === 'jose')
        .map((one) => hitting(one, 800)),
    )),
  ]
  const results = await interleave(subjects, {
    rounds: options.rounds ?? (options.quick ? 5 : 25),
    operations: 800,
    label: 'hit',
  })
  const rows = compare(results).toSorted((a, b) => b.ratio - a.ratio)
  return { title, text: `${explanation}\n\n${format(rows)}`, losses: lost(rows) }
}

const explanation =
  'Times the speed of a bare RS256 `crypto.verify`. Every call gets a new string object, made from bytes inside the measured loop as an HTTP parser makes it; a benchmark that reuses one string hides what hashing it costs.'

async function hitting({ name, check, tokens }, operations = 10_000) {
  const first = check(tokens[0].latin1Slice())
  await first
  return repeated(name, check, tokens, typeof first?.then === 'function', operations)
}

// What every request would pay at the least if the answer always came as a promise (decision 010).
const promising = ({ name, check, tokens }) =>
  repeated(`${name}, were it always a promise`, async (token) => check(token), tokens, true)

function repeated(name, check, buffers, waits = false, operations = 10_000) {
  return {
    name,
    operations,
    warm: 2 * buffers.length,
    prepare: () => buffers,
    run: waits ? callAwaiting(check) : call(check),
  }
}

const call = (check) => (buffers, from, to) => {
  for (let i = from; i < to; i++) check(buffers[i % buffers.length].latin1Slice())
}

const callAwaiting = (check) => async (buffers, from, to) => {
  for (let i = from; i < to; i++) await check(buffers[i % buffers.length].latin1Slice())
}

const wanted = (row) =>
  row.name.startsWith(ours) && !row.name.endsWith('promise') ? target : undefined

const format = (rows) =>
  table(
    ['', 'times', '±', 'µs', 'target', 'reached'],
    rows.map((row) => [
      row.name,
      number(row.ratio),
      number(row.spread),
      number(row.micros),
      wanted(row) === undefined ? '' : `>= ${target}`,
      wanted(row) === undefined ? '' : answer(row.ratio >= target),
    ]),
  )

function lost(rows) {
  const row = rows.find(({ name }) => name === ours)
  if (row === undefined || row.ratio >= target) return []
  return [`hit: ${number(row.ratio)} times a bare verify, wanted ${target}`]
}
