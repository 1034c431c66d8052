// Sends checks as Envoy does, over one connection, so many at a time.
import { fileURLToPath } from 'node:url'
import { credentials, loadPackageDefinition } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'

const folder = fileURLToPath(new URL('../../packages/gateway/proto', import.meta.url))
const definition = loadSync(['envoy/service/auth/v3/external_auth.proto'], {
  keepCase: true,
  longs: Number,
  includeDirs: [folder],
})
const { Authorization } = loadPackageDefinition(definition).envoy.service.auth.v3
const clients = new Map()

function clientOf(port) {
  const known = clients.get(port)
  if (known !== undefined) return known
  const made = new Authorization(`127.0.0.1:${port}`, credentials.createInsecure())
  clients.set(port, made)
  return made
}

const request = (authorization) => ({
  attributes: {
    request: {
      http: {
        method: 'GET',
        path: '/orders/1',
        host: 'api.test',
        scheme: 'https',
        protocol: 'HTTP/1.1',
        headers: {
          ':method': 'GET',
          ':path': '/orders/1',
          ':authority': 'api.test',
          ':scheme': 'https',
          authorization,
        },
      },
    },
  },
})

const check = (client, message) =>
  new Promise((resolve, reject) => {
    client.Check(message, (error, answer) => {
      if (error) reject(error)
      else if ((answer.status?.code ?? 0) !== 0) reject(new Error('a check was refused'))
      else resolve()
    })
  })

async function send({ port, tokens, checks, atOnce = 32 }) {
  const client = clientOf(port)
  const messages = tokens.map(request)
  let turn = 0
  const worker = async () => {
    while (turn < checks) await check(client, messages[turn++ % messages.length])
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return { checks }
}

process.on('message', async (message) => {
  try {
    process.send({ answer: await send(message) })
  } catch (error) {
    process.send({ error: String(error?.stack ?? error) })
  }
})
