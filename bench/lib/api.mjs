import { fileURLToPath } from 'node:url'
import { startChild } from './child.mjs'
import { startIssuer } from './issuer-server.mjs'

/** Runs a task against a fresh issuer and a fresh API process that knows it by URL. */
export async function withApi(subject, task) {
  const issuer = await startIssuer()
  const child = startChild(fileURLToPath(new URL('../processes/server.mjs', import.meta.url)), [
    'discovering',
    subject,
  ])
  try {
    const { port } = await child.ask({ command: 'listen', setup: { issuer: issuer.url } })
    return await task({ issuer, port, child })
  } finally {
    child.stop()
    issuer.stop()
  }
}

/** One request; gives up after some seconds. */
export async function call(port, token, seconds = 15) {
  const start = performance.now()
  const took = () => (performance.now() - start) / 1000
  try {
    const response = await fetch(`http://127.0.0.1:${port}/orders`, {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(seconds * 1000),
    })
    await response.arrayBuffer()
    return {
      status: response.status,
      retryAfter: response.headers.get('retry-after'),
      took: took(),
    }
  } catch (error) {
    if (error.name !== 'TimeoutError') throw error
    return { status: 'no answer', retryAfter: null, took: took() }
  }
}
