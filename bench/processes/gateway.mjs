// One party to the gateway suite in a process of its own: the service, or a stub that checks nothing.
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { loadPackageDefinition, Server, ServerCredentials } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'

const [, , role] = process.argv

const portOf = (address) => Number(address.split(':').at(-1))

const roles = {
  async service(config) {
    const { createGateway } = await import('@portcullis/gateway')
    const gateway = createGateway(config)
    const listening = await gateway.listen()
    await gateway.prewarm()
    return Object.fromEntries(listening.map(({ dialect, address }) => [dialect, portOf(address)]))
  },
  // What each dialect answers to a request that may pass, and nothing else.
  async http({ status }) {
    const server = createServer((_request, response) => {
      response.writeHead(status, status === 204 ? [] : ['Content-Length', '0']).end()
    })
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
    return { http: server.address().port }
  },
  async grpc() {
    const server = new Server()
    server.addService(authorization(), {
      check: (_call, answer) => answer(null, { status: { code: 0 }, ok_response: {} }),
    })
    const port = await new Promise((resolve, reject) =>
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    )
    return { grpc: port }
  },
}

function authorization() {
  const folder = fileURLToPath(new URL('../../packages/gateway/proto', import.meta.url))
  const files = ['envoy/service/auth/v3/external_auth.proto']
  const definition = loadSync(files, { keepCase: true, longs: Number, includeDirs: [folder] })
  return loadPackageDefinition(definition).envoy.service.auth.v3.Authorization.service
}

const commands = {
  listen: ({ setup }) => roles[role](setup),
  cpu() {
    const { user, system } = process.cpuUsage()
    return { micros: user + system }
  },
  memory() {
    globalThis.gc?.()
    const { rss, heapUsed, external } = process.memoryUsage()
    return { resident: rss, live: heapUsed + external }
  },
}

process.on('message', async (message) => {
  try {
    process.send({ answer: await commands[message.command](message) })
  } catch (error) {
    process.send({ error: String(error?.stack ?? error) })
  }
})
