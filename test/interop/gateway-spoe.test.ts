import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request, type OutgoingHttpHeaders, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { Answer, Refused } from '../../packages/gateway/src/check/answer.ts'
import type { Inquiry } from '../../packages/gateway/src/check/inquiry.ts'
import { listenSpoe } from '../../packages/gateway/src/dialects/spoe/listen.ts'
import type { Listener } from '../../packages/gateway/src/listen/http.ts'
import { describeWith } from '../support/binaries.ts'

const places = (folder: string) => ({
  site: join(folder, 'site.sock'),
  app: join(folder, 'app.sock'),
  agent: join(folder, 'agent.sock'),
  config: join(folder, 'haproxy.cfg'),
  engine: join(folder, 'spoe.conf'),
})
type Places = ReturnType<typeof places>

const configuration = ({ site, app, agent, engine }: Places): string => `
defaults
  mode http
  timeout connect 500ms
  timeout client 10s
  timeout server 5s
frontend site
  bind unix@${site}
  filter spoe engine authz config ${engine}
  http-request del-header x-auth- -m beg
  http-request return status 503 content-type application/json string '{"error":"temporarily_unavailable"}' if !{ var(txn.authz.status) -m found }
  http-request return status 401 hdr WWW-Authenticate %[var(txn.authz.challenge)] if { var(txn.authz.status) -m int 401 }
  http-request return status 403 hdr WWW-Authenticate %[var(txn.authz.challenge)] if { var(txn.authz.status) -m int 403 }
  http-request return status 400 if { var(txn.authz.status) -m int 400 }
  http-request return status 503 hdr Retry-After %[var(txn.authz.retry)] if { var(txn.authz.status) -m int 503 }
  http-request deny deny_status 503 unless { var(txn.authz.status) -m int 200 }
  http-request set-header X-Auth-Subject %[var(txn.authz.x_auth_subject)]
  http-request set-header X-Auth-Scope %[var(txn.authz.x_auth_scope)]
  http-request set-header Authorization %[var(txn.authz.authorization)]
  http-after-response set-header DPoP-Nonce %[var(txn.authz.client.dpop_nonce)] if { var(txn.authz.client.dpop_nonce) -m found }
  default_backend app
backend app
  server app unix@${app}
backend agents
  mode tcp
  timeout server 60s
  server agent unix@${agent}
`

const engineConfiguration = `[authz]
spoe-agent authz
  messages check
  option var-prefix authz
  option set-on-error err
  timeout hello 500ms
  timeout idle 30s
  timeout processing 300ms
  use-backend agents
spoe-message check
  args method=method uri=url host=req.hdr(host) scheme=str(http) ssl=ssl_fc src=src auth=req.fhdr(authorization) auth_count=req.fhdr_cnt(authorization) dpop=req.fhdr(dpop) dpop_count=req.fhdr_cnt(dpop)
  event on-frontend-http-request
`

const refused = (status: Refused['status'], challenge?: string): Answer => ({
  outcome: 'refused',
  route: undefined,
  status,
  headers: challenge === undefined ? [] : [['WWW-Authenticate', challenge]],
  code: 'forbidden',
  refusal: undefined,
})

const answers: Readonly<Record<string, Answer>> = {
  'Bearer good': {
    outcome: 'allowed',
    route: undefined,
    principal: undefined,
    identity: [
      ['Authorization', 'Bearer internal'],
      ['X-Auth-Subject', 'alice'],
      ['X-Auth-Scope', ''],
    ],
    toClient: [['DPoP-Nonce', 'n']],
    freshFor: 0,
  },
  'Bearer poor': refused(403, 'Bearer error="insufficient_scope"'),
  'Bearer good, Bearer good': refused(400),
  'Bearer out': {
    outcome: 'unavailable',
    route: undefined,
    retryAfter: 7,
    code: 'keys_unavailable',
    cause: undefined,
  },
}

const decide = (inquiry: Inquiry): Answer | Promise<Answer> => {
  const presented = inquiry.header('authorization') ?? ''
  if (presented === 'Bearer slow') return new Promise(() => {})
  return answers[presented] ?? refused(401, 'Bearer realm="api", error="invalid_token"')
}

interface Seen {
  readonly status: number
  readonly headers: NodeJS.Dict<string | string[]>
  readonly body: string
}

describeWith(['haproxy'], 'HAProxy with our SPOE agent', (haproxy = '') => {
  const folder = mkdtempSync(join(tmpdir(), 'spoe-'))
  const here = places(folder)
  const inquiries: Inquiry[] = []
  let program: ChildProcess
  let app: Server
  let agent: Listener

  const startAgent = () =>
    listenSpoe({
      address: { unix: here.agent, mode: '0666' },
      check: (inquiry) => {
        inquiries.push(inquiry)
        return decide(inquiry)
      },
    })

  const get = (path: string, headers: OutgoingHttpHeaders = {}): Promise<Seen> =>
    new Promise((resolve, reject) => {
      const sent = request({ socketPath: here.site, path, headers, agent: false }, (response) => {
        let body = ''
        response.on('data', (chunk: Buffer) => (body += chunk.toString()))
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        )
      })
      sent.on('error', reject)
      sent.end()
    })

  const until = async (holds: () => Promise<boolean>): Promise<void> => {
    for (let tries = 0; tries < 200; tries++) {
      if (await holds().catch(() => false)) return
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
    throw new Error('it never came to be')
  }

  beforeAll(async () => {
    writeFileSync(here.config, configuration(here))
    writeFileSync(here.engine, engineConfiguration)
    app = createServer((received, response) => response.end(JSON.stringify(received.headers)))
    app.listen(here.app)
    await once(app, 'listening')
    agent = await startAgent()
    program = spawn(haproxy, ['-db', '-f', here.config], { stdio: 'ignore' })
    await until(async () => (await get('/', { authorization: 'Bearer good' })).status === 200)
  })
  beforeEach(() => void inquiries.splice(0))
  afterAll(async () => {
    program.kill()
    await once(program, 'exit')
    await agent.close(0)
    app.close()
    rmSync(folder, { recursive: true })
  })

  it('passes a good token, with the identity in place of forged fields', async () => {
    const { status, body, headers } = await get('/orders?of=alice', {
      authorization: 'Bearer good',
      'x-auth-subject': 'mallory',
      'x-auth-scope': 'admin',
      host: 'API.test:8443',
    })
    expect(status).toBe(200)
    expect(headers['dpop-nonce']).toBe('n')
    const seen: unknown = JSON.parse(body)
    expect(seen).toMatchObject({ authorization: 'Bearer internal', 'x-auth-subject': 'alice' })
    expect(seen).toMatchObject({ 'x-auth-scope': '' })
    expect(inquiries[0]).toMatchObject({
      method: 'GET',
      scheme: 'http',
      host: 'api.test',
      target: '/orders?of=alice',
    })
  })

  it.each([
    ['Bearer bad', 401, 'Bearer realm="api", error="invalid_token"'],
    ['Bearer poor', 403, 'Bearer error="insufficient_scope"'],
  ])('answers %s with %i and the challenge', async (authorization, status, challenge) => {
    const seen = await get('/orders', { authorization })
    expect(seen.status).toBe(status)
    expect(seen.headers['www-authenticate']).toBe(challenge)
  })

  it('asks for a token where there is none', async () => {
    expect((await get('/orders')).status).toBe(401)
    expect(inquiries[0]?.header('authorization')).toBeUndefined()
  })

  it('refuses two tokens', async () => {
    // A list of names and values is sent as it stands, which the types of Node do not know.
    const sent = new Promise<number>((resolve, reject) => {
      const one = request(
        {
          socketPath: here.site,
          path: '/',
          agent: false,
          headers: [
            'Host',
            'a',
            'Authorization',
            'Bearer good',
            'Authorization',
            'Bearer good',
          ] as unknown as OutgoingHttpHeaders,
        },
        (response) => {
          response.resume()
          resolve(response.statusCode ?? 0)
        },
      )
      one.on('error', reject)
      one.end()
    })
    expect(await sent).toBe(400)
  })

  it('answers an outage with 503 and when to come again', async () => {
    const seen = await get('/orders', { authorization: 'Bearer out' })
    expect(seen.status).toBe(503)
    expect(seen.headers['retry-after']).toBe('7')
  })

  it('answers 503 where the agent does not answer in time', async () => {
    expect((await get('/orders', { authorization: 'Bearer slow' })).status).toBe(503)
    expect((await get('/orders', { authorization: 'Bearer good' })).status).toBe(200)
  })

  it('answers 503 for a token that no frame can hold', async () => {
    const { status } = await get('/', { authorization: `Bearer ${'x'.repeat(16_000)}` })
    expect([400, 401, 503]).toContain(status)
  })

  it('answers many clients at once', async () => {
    const tokens = Array.from({ length: 300 }, (_, at) => (at % 2 === 0 ? 'good' : 'poor'))
    const seen = await Promise.all(
      tokens.map((token) => get('/orders', { authorization: `Bearer ${token}` })),
    )
    expect(seen.map(({ status }) => status)).toEqual(
      tokens.map((token) => (token === 'good' ? 200 : 403)),
    )
  })

  it('passes nothing while the agent is gone, and goes on when it is back', async () => {
    await agent.close(0)
    expect((await get('/orders', { authorization: 'Bearer good' })).status).toBe(503)
    agent = await startAgent()
    await until(async () => (await get('/', { authorization: 'Bearer good' })).status === 200)
    expect((await get('/orders', { authorization: 'Bearer poor' })).status).toBe(403)
  })
})
