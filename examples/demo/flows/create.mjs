import { chooseFlow, okta } from '@portcullis/okta'
import { listen, onPort } from '../ports.mjs'
import { createOrdersApi } from './api.mjs'
import { authenticationFlows } from './authentication-api.mjs'
import { createClients } from './clients.mjs'
import { directFlows } from './direct.mjs'
import { createEntrance } from './entrance.mjs'
import { grantFlows, refreshFlow } from './grants.mjs'
import { people, startOrg } from './org.mjs'
import { createPhone } from './phone.mjs'
import { publicRedirectFlows } from './public-redirects.mjs'
import { recoveryFlows } from './recovery.mjs'
import { afterFlows, redirectFlows } from './redirects.mjs'
import { createRuns } from './runs.mjs'
import { stepUpFlow } from './step-up.mjs'

const all = [
  ...redirectFlows,
  ...publicRedirectFlows,
  ...directFlows,
  ...grantFlows,
  ...authenticationFlows,
  ...recoveryFlows,
  refreshFlow,
  stepUpFlow,
  ...afterFlows,
]

/** An emulated Okta org, an API that trusts it, and every flow of Okta's documents to run against it. */
export async function startFlows(up, say, { onExchange = () => {}, pollInterval }) {
  const flows = []
  const runs = createRuns({ flows, people, say })
  const record = (exchange) => {
    onExchange(exchange)
    runs.record(exchange)
  }
  const start = (port) => startOrg(port, { onExchange: record, pollInterval })
  const org = await up(onPort('the Okta emulator', 4006, start, say))
  const server = okta({ domain: org.url, authorizationServer: 'default' })
  const api = await up(listen(createOrdersApi({ server, record }), 0))
  const clients = createClients({ org, api })
  flows.push(...all.map((flow) => ({ ...flow, run: flow.make(clients) })))
  const phone = createPhone(org)
  return {
    issuer: org.servers.default.issuer,
    url: org.url,
    /** Ends the flow that runs, so that nothing waits when everything closes. */
    close: () => runs.stop(),
    entrance: (baseUrl) => createEntrance({ clients, runs, baseUrl }),
    actions: {
      'GET /flows': () => ({
        org: org.url,
        issuer: org.servers.default.issuer,
        people: Object.entries(people).map(([name, { login }]) => ({ name, login })),
        flows: all.map(described),
      }),
      'GET /flows/run': () => runs.view(),
      'POST /flows/start': runs.start,
      'POST /flows/answer': runs.answer,
      'POST /flows/stop': runs.stop,
      'POST /phone': phone.view,
      'POST /phone/act': phone.act,
      'POST /phone/password': phone.password,
    },
  }
}

function described({ id, group, title, text, answers, isLegacy = false }) {
  const { title: chosen, row, warnings } = chooseFlow(answers)
  return { id, group, title, text, isLegacy, choice: { title: chosen, row, warnings } }
}
