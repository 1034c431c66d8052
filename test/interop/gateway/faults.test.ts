import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { GatewayConfig } from '../../../packages/gateway/src/config/config.ts'
import { describeWith } from '../../support/binaries.ts'
import { freePort } from '../../support/free-port.ts'
import { gateways, startGateway } from './support/gateways.ts'
import { startIssuer, type IssuerServer } from './support/issuer-server.ts'
import type { Program } from './support/programs.ts'
import { startService, type ServiceProcess } from './support/service.ts'
import { startUpstream, type Upstream } from './support/upstream.ts'
import { ask, valuesOf, type WireAnswer } from './support/wire.ts'
import { gatewayConfig } from './support/world.ts'

// Seconds: the deadline of the service, what gateways wait beyond it, and a busy machine.
const deadline = 0.3
const longest = deadline + 0.1 + 1.5

for (const under of gateways) {
  describeWith([under.binary], under.name, (binary = '') => {
    let issuer: IssuerServer
    let upstream: Upstream
    let service: ServiceProcess
    let program: Program
    let config: GatewayConfig
    let port = 0
    let good: string

    beforeAll(async () => {
      issuer = await startIssuer()
      upstream = await startUpstream()
      config = { ...(await gatewayConfig(issuer)), deadline, drain: { delay: 0.2, grace: 3 } }
      service = await startService(config)
      port = await freePort()
      program = await startGateway(under, { binary, port, upstream: upstream.port, config })
      good = await issuer.tokens.issueToken({ scope: 'orders:read' })
    })
    afterAll(async () => {
      await program.close()
      await service.close()
      await Promise.all([upstream.close(), issuer.close()])
    })
    beforeEach(() => issuer.behave('well'))

    const timed = async (token: string): Promise<WireAnswer> => {
      const start = performance.now()
      const answer = await ask({ port, fields: [['Authorization', `Bearer ${token}`]] })
      expect((performance.now() - start) / 1000).toBeLessThan(longest)
      return answer
    }

    // Status, and how many of the fields; never a challenge, because nobody was told no.
    const said = (answer: WireAnswer): readonly number[] => [
      answer.status,
      valuesOf(answer, 'retry-after').length,
      valuesOf(answer, 'www-authenticate').length,
    ]
    const unavailable = [503, 1, 0]
    // Traefik makes a 500 of a service that it cannot reach, and cannot be told otherwise.
    const unreachable = under.name === 'Traefik' ? [500, 0, 0] : unavailable

    // A gateway may need a moment to see that somebody is there again.
    const passesSoon = async (token: string): Promise<void> => {
      let status = 0
      for (let attempt = 0; attempt < 100 && status !== 200; attempt++) {
        status = (await timed(token)).status
        if (status !== 200) await sleep(50)
      }
      expect(status).toBe(200)
    }

    it('answers 503 while the issuer hangs and its keys are not known yet', async () => {
      issuer.behave('hang')
      service.signal('SIGKILL')
      await service.ended
      await service.restart()
      expect(said(await timed(good))).toEqual(unavailable)
      issuer.behave('well')
      await passesSoon(good)
    })

    it('goes on with the keys it has when the issuer is down', async () => {
      await passesSoon(good)
      issuer.behave('fail')
      expect((await timed(good)).status).toBe(200)
      expect((await timed('no.such.token')).status).toBe(401)
    })

    it('answers 503 while the service is gone, and again as before when it is back', async () => {
      await passesSoon(good)
      service.signal('SIGKILL')
      expect(await service.ended).toBe('SIGKILL')
      const before = upstream.arrivals.length
      // HAProxy 2.6 asks its health checks, because its HTTP client tries for three seconds.
      await sleep(under.name === 'HAProxy with Lua' ? 600 : 0)
      expect(said(await timed(good))).toEqual(unreachable)
      expect(said(await timed('no.such.token'))).toEqual(unreachable)
      expect(upstream.arrivals).toHaveLength(before)
      await service.restart()
      await passesSoon(good)
    })
  })
}
