import { randomBytes } from 'node:crypto'
import { failure } from './runs.mjs'

const mostTries = 5

/** A forgotten password: a code by call, then a new password. */
const forgotten = (clients) => async (desk) => {
  const call = { signal: desk.signal }
  const { login: username } = desk.user
  let step = await clients.authn().recoverPassword({ username, channel: 'CALL' }, call)
  try {
    for (let turn = 0; turn < mostTries && Object.hasOwn(next, step.status); turn += 1) {
      desk.say(`The recovery stands at ${step.status}.`)
      step = await next[step.status](desk, step, call)
    }
  } finally {
    // The phone keeps the old one, for the other flows.
    clients.resetPassword(desk.user)
  }
  if (step.status === 'failed') throw failure(`The recovery failed: ${step.code}.`)
  if (step.status !== 'SUCCESS') throw failure(`The recovery stands at ${step.status}.`)
  const session = await step.createSession(call)
  desk.say(`Sessions API: the session is ${session.status}.`)
  return 'The password is a new one. The demo puts the old one back.'
}

const next = {
  RECOVERY_CHALLENGE: async (desk, step, call) => {
    const passCode = await desk.ask({ kind: 'code', label: 'The code from the call' })
    const answer = await step.verify({ passCode }, call)
    if (answer.status !== 'failed' || answer.retry !== 'input') return answer
    desk.say(`Not accepted: ${answer.code}.`)
    return answer.step ?? step
  },
  PASSWORD_RESET: (desk, step, call) => {
    desk.say('The demo makes up a new password.')
    return step.resetPassword({ newPassword: randomBytes(12).toString('base64url') }, call)
  },
}

export const recoveryFlows = [
  {
    id: 'authn-recovery',
    group: 'Authentication API',
    title: 'Forgotten password',
    text: 'RECOVERY_CHALLENGE, PASSWORD_RESET, SUCCESS: a code by call, then a new password.',
    answers: {
      application: 'web',
      redirect: false,
      trusted: true,
      engine: 'classic',
      ownPage: 'okta-session',
    },
    make: forgotten,
  },
]
