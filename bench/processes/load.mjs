// A process of its own that sends GET requests over kept connections, one at a time on each.
import { connect } from 'node:net'
import { quantile } from '../lib/stats.mjs'

let fields
/** By port: its connections, and how far each kind of token was sent to it. */
const servers = new Map()

const commands = {
  tokens(message) {
    fields = message.fields
    return {}
  },
  async open({ port, connections }) {
    const sockets = await Promise.all(Array.from({ length: connections }, () => open(port)))
    servers.set(port, { port, sockets, place: { known: 0, fresh: 0 } })
    return {}
  },
  send: ({ port, mode, requests }) => send(servers.get(port), mode, requests),
  close() {
    for (const { sockets } of servers.values()) for (const socket of sockets) socket.destroy()
    servers.clear()
    return {}
  },
}

process.on('message', async (message) => {
  try {
    process.send({ answer: await commands[message.command](message) })
  } catch (error) {
    process.send({ error: String(error) })
  }
})

const open = (port) =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    socket.once('error', reject)
    socket.once('connect', () => resolve(socket))
  })

async function send(server, mode, requests) {
  let left = requests
  const seen = { times: [], refused: 0 }
  const next = () => (left-- > 0 ? render(server, mode) : undefined)
  const rest = stayAwake()
  try {
    await Promise.all(server.sockets.map((socket) => drive(socket, next, seen)))
  } finally {
    rest()
  }
  return {
    p50: quantile(seen.times, 0.5),
    p99: quantile(seen.times, 0.99),
    refused: seen.refused,
  }
}

// A server that is slower than its load would pay, with every answer, for waking a processor that sleeps:
// in a virtual machine as much as for checking a signature, and no guard's doing.
function stayAwake() {
  let awake = true
  const turn = () => {
    if (awake) setImmediate(turn)
  }
  turn()
  return () => {
    awake = false
  }
}

function render({ port, place }, mode) {
  const pool = fields[mode]
  const token = pool[place[mode]++ % pool.length]
  return `GET /orders HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAccept: application/json\r\nUser-Agent: portcullis-bench\r\nAuthorization: Bearer ${token}\r\n\r\n`
}

function drive(socket, next, seen) {
  return new Promise((resolve, reject) => {
    let received = ''
    let sent
    const advance = () => {
      const request = next()
      if (request === undefined) {
        socket.off('data', read)
        socket.off('close', fail)
        resolve()
        return
      }
      sent = performance.now()
      socket.write(request, 'latin1')
    }
    const read = (bytes) => {
      received += bytes.latin1Slice()
      if (!isWhole(received)) return
      if (!received.startsWith('HTTP/1.1 200')) seen.refused += 1
      received = ''
      seen.times.push(performance.now() - sent)
      advance()
    }
    const fail = () => reject(new Error('the server closed the connection'))
    socket.on('data', read)
    socket.once('close', fail)
    advance()
  })
}

function isWhole(text) {
  const end = text.indexOf('\r\n\r\n')
  if (end === -1) return false
  const length = /\r\ncontent-length: (\d+)/i.exec(text)
  return length !== null && text.length >= end + 4 + Number(length[1])
}
