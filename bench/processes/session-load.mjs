// A process of its own that plays the browsers: signs in, keeps the cookies, asks with them.
import { Agent, get } from 'node:http'

const agents = new Map()

const commands = {
  async signIn({ port, browsers }) {
    const fields = []
    for (let one = 0; one < browsers; one++) {
      const { status, headers } = await request(port, '/sign-in', '')
      if (status !== 200) throw new Error(`no sign-in: ${status}`)
      fields.push((headers['set-cookie'] ?? []).map((text) => text.split(';')[0]))
    }
    return fields
  },
  async send({ port, fields, requests }) {
    let setCookie = 0
    const turns = Array.from({ length: requests }, (_, turn) => turn).values()
    const drive = async () => {
      for (const turn of turns) {
        const cookie = fields[turn % fields.length]
        const { status, headers } = await request(port, '/orders', cookie)
        if (status !== 200) throw new Error(`not a 200: ${status}`)
        setCookie += (headers['set-cookie'] ?? []).join('').length
      }
    }
    await Promise.all(Array.from({ length: 16 }, drive))
    return { setCookie: setCookie / requests }
  },
}

process.on('message', async (message) => {
  try {
    process.send({ answer: await commands[message.command](message) })
  } catch (error) {
    process.send({ error: String(error?.stack ?? error) })
  }
})

function agentOf(port) {
  const agent = agents.get(port) ?? new Agent({ keepAlive: true, maxSockets: 16 })
  agents.set(port, agent)
  return agent
}

function request(port, path, cookie) {
  return new Promise((resolve, reject) => {
    const headers = { accept: 'application/json', ...(cookie === '' ? {} : { cookie }) }
    get({ host: '127.0.0.1', port, path, headers, agent: agentOf(port) }, (response) => {
      response.resume()
      response.once('end', () =>
        resolve({ status: response.statusCode, headers: response.headers }),
      )
      response.once('error', reject)
    }).once('error', reject)
  })
}
