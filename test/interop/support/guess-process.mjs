// One process of an application that signs people in without a redirect, told whom by its parent.
import { createDirectAuthentication, limitAttempts, okta } from '@portcullis/okta'
import { redisAttempts } from '@portcullis/redis'
import { createClient } from 'redis'

const { domain, clientId, path, prefix } = JSON.parse(process.argv[2] ?? '{}')

const redis = createClient({ socket: { path, reconnectStrategy: () => 50 } })
redis.on('error', () => undefined)
await redis.connect()

const direct = createDirectAuthentication({
  server: okta({ domain, authorizationServer: 'default' }),
  client: { id: clientId },
  limiter: limitAttempts({ store: redisAttempts(redis, { prefix, timeout: 1.5 }) }),
})

const guess = ({ username, password, address }) =>
  direct.password({ username, password }, { address }).then(
    (answer) => answer.code ?? answer.status,
    (error) => error.code ?? error.name,
  )

process.on('message', async (guesses) => {
  process.send(await Promise.all(guesses.map(guess)))
})
process.on('disconnect', () => process.exit())
process.send('ready')
