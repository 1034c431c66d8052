import { peers } from '../peers/index.mjs'
import { bearer } from './tokens.mjs'

/**
 * Everybody who takes part with an algorithm, as `{ name, ours, check, tokens, keyLookUp, cached }`.
 * Portcullis' own rows are left out with `--peers-only`, so that the harness runs without a build.
 */
export async function contestants(setup, buffers, { peersOnly }) {
  const known = ({ algorithms }) => algorithms.includes(setup.algorithm)
  const others = peers.filter(known).map((peer) => ({
    ...peer,
    ours: false,
    check: peer.createVerifier(setup),
    tokens: buffers,
  }))
  if (peersOnly) return others
  const { guards, subjects } = await import('../peers/portcullis.mjs')
  const fields = bearer(buffers)
  return [
    ...subjects.map((one) => ({
      ...one,
      ours: true,
      check: one.createVerifier(setup),
      tokens: buffers,
    })),
    ...guards.map((one) => ({ ...one, ours: true, check: one.createCheck(setup), tokens: fields })),
    ...others,
  ]
}
