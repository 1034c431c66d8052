import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { createSigner } from './tokens.mjs'

/** An issuer on loopback that counts what it is asked, answers late, hangs, and rotates its key. */
export async function startIssuer({ delay = 50 } = {}) {
  const counts = { discovery: 0, jwks: 0 }
  let hangs
  let signers = []
  const at = { url: '' }
  const answers = {
    discovery: () => ({
      issuer: at.url,
      jwks_uri: `${at.url}/keys`,
      id_token_signing_alg_values_supported: ['RS256'],
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      authorization_endpoint: `${at.url}/authorize`,
      token_endpoint: `${at.url}/token`,
    }),
    jwks: () => ({ keys: signers.map(({ jwk }) => jwk) }),
  }
  const server = createServer(async (req, res) => {
    const what = req.url === '/keys' ? 'jwks' : 'discovery'
    counts[what]++
    if (hangs === what) return
    const body = JSON.stringify(answers[what]())
    await sleep(delay)
    res.setHeader('content-type', 'application/json')
    if (hangs === `${what} body`) res.write(body.slice(0, 20))
    else res.end(body)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  at.url = `http://127.0.0.1:${server.address().port}`
  const rotate = (kid) => {
    const signer = createSigner('RS256', { kid, iss: at.url })
    signers = [...signers, signer].slice(-2)
    return signer
  }
  return {
    url: at.url,
    counts,
    rotate,
    first: rotate('first'),
    hang: (what) => {
      hangs = what
    },
    stop: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
