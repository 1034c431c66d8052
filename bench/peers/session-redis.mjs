import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from 'redis'
import { freePort } from '../lib/free-port.mjs'

/** The least that express-session wants of a store: one command a request. */
export function redisStore(Store, client) {
  const settle = (promise, done) =>
    promise.then(
      (value) => done(null, value),
      (error) => done(error),
    )
  return Object.assign(new Store(), {
    get: (id, done) =>
      settle(
        client.get(`sess:${id}`).then((text) => text && JSON.parse(text)),
        done,
      ),
    set: (id, value, done) => settle(client.set(`sess:${id}`, JSON.stringify(value)), done),
    destroy: (id, done) => settle(client.del(`sess:${id}`), done),
  })
}

/** A Redis of its own on a free port; `undefined` where the machine has none. */
export async function startRedis() {
  const port = await freePort()
  const child = spawn(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
    { stdio: 'ignore' },
  )
  const started = await Promise.race([
    once(child, 'error').then(() => false),
    once(child, 'spawn').then(() => true),
  ])
  if (!started) return undefined
  const url = `redis://127.0.0.1:${port}`
  await answering(url)
  return { url, stop: () => child.kill('SIGKILL') }
}

async function answering(url) {
  for (let tries = 0; tries < 50; tries++) {
    const client = createClient({ url, socket: { reconnectStrategy: false } })
    client.on('error', () => undefined)
    try {
      await client.connect()
      await client.close()
      return
    } catch {
      await sleep(50)
    }
  }
  throw new Error('redis-server does not answer')
}
