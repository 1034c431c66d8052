// One application under test in a process of its own, so that no subject is slowed by another's.
const [, , framework, subject] = process.argv
const { build } = await import(`./${framework}.mjs`)

let server

const commands = {
  async listen({ setup }) {
    const app = await build(subject, setup)
    server = app.listen(0, '127.0.0.1')
    // Connections stay while the other applications have their turns.
    server.keepAliveTimeout = 0
    await new Promise((resolve, reject) => {
      server.once('listening', resolve)
      server.once('error', reject)
    })
    return { port: server.address().port }
  },
  cpu() {
    const { user, system } = process.cpuUsage()
    return { micros: user + system }
  },
}

process.on('message', async (message) => {
  try {
    process.send({ answer: await commands[message.command](message) })
  } catch (error) {
    process.send({ error: String(error?.stack ?? error) })
  }
})
