import { readFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeWith, findBinary } from '../../support/binaries.ts'
import { caseRoutes } from '../../support/gateway-cases.ts'
import { freePort } from '../../support/free-port.ts'
import { gateways, startGateway } from './support/gateways.ts'
import type { Program } from './support/programs.ts'
import { sentCases } from './support/request-cases.ts'
import { columnOf, requestTable, wordOf, type Column } from './support/request-table.ts'
import { createJudge, outcomeOf, type Judge } from './support/sent.ts'
import type { TokenCase } from './support/token-case.ts'
import { tokenCases } from './support/token-cases.ts'
import { startApache, startHaproxyAlone, type ValidatorPlace } from './support/validators.ts'
import { ask } from './support/wire.ts'
import { createGatewayWorld, type GatewayWorld } from './support/world.ts'

const page = new URL('../../../docs/gateways.md', import.meta.url).pathname

// Other versions of these make other tables; the page says which are meant.
const written = { nginx: /nginx\/1\.22\./, haproxy: /version 2\.6\./, apache2: /Apache\/2\.4\./ }

const isWritten = ([name, wanted]: readonly [string, RegExp]): boolean => {
  const { stdout, stderr } = spawnSync(findBinary(name) ?? name, ['-v'], { encoding: 'utf8' })
  return wanted.test(`${stdout}${stderr}`)
}

const others = Object.entries(written).filter((entry) => !isWritten(entry))

describeWith(
  [
    'nginx',
    'haproxy',
    'apache2',
    '/usr/lib/apache2/modules/mod_auth_openidc.so',
    ...others.map(([name]) => `${name} of Debian 12`),
  ],
  'the tables of credentials and of requests',
  (nginx = '', haproxy = '', apache = '') => {
    let world: GatewayWorld
    let requests: GatewayWorld
    let judge: Judge
    let cases: readonly TokenCase[]
    const programs: Program[] = []
    beforeAll(async () => {
      world = await createGatewayWorld()
      cases = await tokenCases(world.issuer.tokens)
      requests = await createGatewayWorld({ routes: caseRoutes })
      judge = await createJudge(requests.config)
    })
    afterAll(async () => {
      await Promise.all(programs.map((program) => program.close()))
      await judge.close()
      await Promise.all([world.close(), requests.close()])
    })

    const place = async (binary: string): Promise<ValidatorPlace> => ({
      binary,
      port: await freePort(),
      upstream: world.upstream.port,
      issuer: world.issuer.tokens,
    })

    const statuses = async (port: number): Promise<readonly number[]> => {
      const found = []
      for (const { request } of cases) found.push((await ask({ ...request, port })).status)
      return found
    }

    const started = async (
      start: (place: ValidatorPlace) => Promise<Program>,
      binary: string,
    ): Promise<readonly number[]> => {
      const where = await place(binary)
      programs.push(await start(where))
      return statuses(where.port)
    }

    const ours = (binary: string): Promise<readonly number[]> =>
      started((where) => {
        const [under] = gateways
        if (under === undefined) throw new Error('there is no gateway to test')
        return startGateway(under, { ...where, config: world.config })
      }, binary)

    const columnUnder = async (under: (typeof gateways)[number]): Promise<Column> => {
      const binary = findBinary(under.binary)
      if (binary === undefined) return columnOf(readFileSync(page, 'utf8'), under.name)
      const port = await requests.place(under, binary)
      const words = []
      for (const sent of sentCases) {
        words.push(wordOf(sent, await outcomeOf(sent, { world: requests, judge, port })))
      }
      return words
    }

    it('stands in the docs as it was found', async () => {
      const columns = [
        cases.map(({ status }) => status),
        await ours(nginx),
        await started(startHaproxyAlone, haproxy),
        await started(startApache, apache),
      ]
      expect(columns[1]).toEqual(columns[0])
      const found = []
      for (const under of gateways) found.push(await columnUnder(under))
      const table = requestTable(
        gateways.map(({ name }) => name),
        found,
      )
      await expect(`${pageOf(cases, columns)}\n${table}`).toMatchFileSnapshot(page)
    }, 120_000)
  },
)

function pageOf(
  cases: readonly TokenCase[],
  [wanted = [], ...found]: readonly (readonly number[])[],
): string {
  const rows = cases.map(({ name }, at) => {
    const cells = found.map((column) => verdict(column[at] ?? 0, wanted[at] ?? 0))
    return `| ${name} | ${wanted[at]} | ${cells.join(' | ')} |`
  })
  const misses = found.map(
    (column) => column.filter((status, at) => lets(status) && !lets(wanted[at] ?? 0)).length,
  )
  return `# What gateways make of ${cases.length} credentials and ${sentCases.length} requests

How each is set up, and what is peculiar to it, has a page: [nginx](guide/gateway-nginx.md), [Caddy](guide/gateway-caddy.md), [Traefik](guide/gateway-traefik.md), [Envoy and Apache Traffic Server](guide/gateway-envoy.md), [HAProxy](guide/gateway-haproxy.md).

## ${cases.length} credentials

Every credential below is sent, over a real socket, to a real gateway in front of an upstream that wants the scope \`orders:read\` of one issuer and one audience. What came back is written here by the suite that did it (\`test/interop/gateway/conformance.test.ts\`), and a change shows as a failing test.

Portcullis stands behind nginx here; behind Caddy, Traefik, Envoy (HTTP and gRPC), HAProxy (Lua and SPOE) and Apache Traffic Server the verdict is the same, which \`verdicts.test.ts\` and \`traffic-server.test.ts\` hold. HAProxy alone is its own converters (\`jwt_verify\` and the conditions that its documentation offers), 2.6 of Debian 12; mod_auth_openidc is Apache's resource server mode, 2.4.12 of Debian 12, with \`Require claim\` for issuer, audience and scope.

A status in bold lets a request pass that should not, or stops one that should: Portcullis ${misses[0]}, HAProxy alone ${misses[1]}, mod_auth_openidc ${misses[2]} that pass wrongly. A 401 in place of a 400 or 403 is a matter of taste, and not marked.

| Credential | Wanted | Portcullis | HAProxy alone | mod_auth_openidc |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`
}

const lets = (status: number): boolean => status === 200

const verdict = (status: number, wanted: number): string =>
  lets(status) === lets(wanted) ? String(status) : `**${status}**`
