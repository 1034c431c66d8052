import { verify } from 'node:crypto'
import { algorithms, dissect, fresh } from './tokens.mjs'

export const bare = 'bare crypto.verify'

/** What no verifier can be faster than: the call alone, over ready bytes, with a ready key. */
export function bareVerify(signer, buffers) {
  const { digest, options } = algorithms[signer.algorithm]
  const key = { key: signer.publicKey, ...options }
  const parts = dissect(buffers)
  return {
    name: bare,
    prepare: (turn, count) => take(parts, turn, count),
    run(input, from, to) {
      for (let i = from; i < to; i++) {
        if (!verify(digest, input[i].input, key, input[i].signature)) throw new Error('not genuine')
      }
    },
  }
}

/** A verifier as a subject: new string objects before every slice, one token at a time. */
export async function verifying(name, check, buffers) {
  const first = check(buffers[0].latin1Slice())
  const waits = isPromise(first)
  if (waits) await first
  return {
    name,
    prepare: (turn, count) => fresh(take(buffers, turn, count)),
    run: waits ? loopAwaiting(check) : loop(check),
  }
}

/** The same where the check refuses; a check that accepts ends the run. */
export async function refusing(name, check, buffers) {
  const [waits] = await refused(check, buffers[0].latin1Slice())
  return {
    name,
    prepare: (turn, count) => fresh(take(buffers, turn, count)),
    run: waits ? loopRejecting(check) : loopThrowing(check),
  }
}

/** Whether a check refuses a token (and whether by a promise). */
export async function refused(check, token) {
  let waits = false
  try {
    const answer = check(token)
    waits = isPromise(answer)
    await answer
  } catch {
    return [waits, true]
  }
  return [waits, false]
}

const isPromise = (value) => typeof value?.then === 'function'

const take = (pool, turn, count) =>
  Array.from({ length: count }, (_, index) => pool[(turn * count + index) % pool.length])

const loop = (check) => (input, from, to) => {
  for (let i = from; i < to; i++) check(input[i])
}

const loopAwaiting = (check) => async (input, from, to) => {
  for (let i = from; i < to; i++) await check(input[i])
}

const loopThrowing = (check) => (input, from, to) => {
  for (let i = from; i < to; i++) {
    try {
      check(input[i])
    } catch {
      continue
    }
    throw new Error('a bad token was accepted')
  }
}

const loopRejecting = (check) => async (input, from, to) => {
  for (let i = from; i < to; i++) {
    const accepted = await Promise.resolve(check(input[i])).then(yes, no)
    if (accepted) throw new Error('a bad token was accepted')
  }
}

const yes = () => true
const no = () => false
