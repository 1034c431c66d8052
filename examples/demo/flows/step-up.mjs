import { readStepUp } from '@portcullis/okta'
import { finish, password, second } from './direct.mjs'
import { failure } from './runs.mjs'

/** An API that wants two factors for what is dear, and says so when it refuses. */
const stronger = (clients) => async (desk) => {
  const weak = clients.direct('phoneApp')
  const first = await password(weak, desk)
  await finish(clients, desk, { direct: weak, answer: first })
  const refused = await clients.call(desk, first.tokens, '/payments')
  const demand = readStepUp(refused)
  if (demand === undefined) throw failure('The API did not say what it wants.')
  const { acrValues } = demand
  desk.say(`It wants ${acrValues.join(' or ')}, by the challenge of RFC 9470.`)
  const direct = clients.direct('phoneApp', { acrValues })
  const answer = await password(direct, desk)
  const { tokens } = await finish(clients, desk, {
    direct,
    answer,
    second: second(desk, direct).oob,
  })
  const paid = await clients.call(desk, tokens, '/payments')
  return `With two factors /payments answers ${paid.status}.`
}

export const stepUpFlow = {
  id: 'step-up',
  group: 'With tokens in hand',
  title: 'Stronger login on demand',
  text: 'An API refuses a token of one factor; the next login brings two, and the acr to show for it.',
  answers: { application: 'native', redirect: false, trusted: true, mfa: 'always' },
  make: stronger,
}
