// Verifies many distinct tokens and watches the heap; started with --expose-gc.
import { createSigner } from '../lib/tokens.mjs'

const signer = createSigner('ES256')

/** What lives on after a full collection. */
function alive() {
  globalThis.gc()
  globalThis.gc()
  const { heapUsed, external, rss } = process.memoryUsage()
  return { heap: heapUsed + external, rss }
}

async function feed(check, count) {
  for (let i = 0; i < count; i++) await check(signer.token())
}

const subjects = {
  async Portcullis(entries) {
    const { jwt } = await import('@portcullis/core')
    const { audience, issuer } = await import('../lib/tokens.mjs')
    const cache = entries === 0 ? false : entries && { entries, maxAge: 3600 }
    const { verify } = jwt({
      issuers: [{ issuer, audience, jwks: signer.jwks }],
      ...(cache === undefined ? {} : { cache }),
    })
    return (token) => verify(token)
  },
  async 'fast-jwt, one key'(entries) {
    const { createVerifier } = await import('fast-jwt')
    return createVerifier({ key: signer.pem, algorithms: ['ES256'], cache: entries ?? true })
  },
}

/** Heap after every tenth of the tokens, with the default cache. */
async function flatness(subject, tokens) {
  const check = await subjects[subject](undefined)
  const samples = []
  for (let tenth = 0; tenth < 10; tenth++) {
    await feed(check, tokens / 10)
    samples.push(alive())
  }
  return { samples }
}

/** What a full cache of many entries holds beyond an empty one. */
async function entrySize(subject, entries) {
  const check = await subjects[subject](entries)
  // The machine code and the tables of the library are not the entries'.
  const warm = await subjects[subject](1)
  await feed(warm, 2000)
  const before = alive()
  await feed(check, entries)
  const after = alive()
  await check(signer.token())
  return { bytes: (after.heap - before.heap) / entries, claims: claimsLength() }
}

const claimsLength = () => Buffer.from(signer.token().split('.')[1], 'base64url').length

process.on('message', async ({ what, subject, count }) => {
  try {
    process.send({ answer: await { flatness, entrySize }[what](subject, count) })
  } catch (error) {
    process.send({ error: String(error?.stack ?? error) })
  }
})
