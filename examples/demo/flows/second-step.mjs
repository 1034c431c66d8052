import { failure } from './runs.mjs'

const labels = { sms: 'Text message', email: 'Mail', push: 'Push' }
const mostTries = 5

/** The Authentication API with a second factor: follows the steps that Okta offers. */
export const withFactor = (clients) => async (desk) => {
  // The policy of the whole org; only one flow runs at a time.
  clients.settings.sessionFactors = 2
  try {
    const { login: username, password } = desk.user
    const call = { signal: desk.signal }
    let step = await clients.authn().signIn({ username, password }, call)
    for (let turn = 0; turn < mostTries && Object.hasOwn(next, step.status); turn += 1) {
      desk.say(`The sign-in stands at ${step.status}.`)
      step = await next[step.status](desk, step, call)
    }
    return await session(desk, step)
  } finally {
    clients.settings.sessionFactors = 1
  }
}

const next = {
  MFA_REQUIRED: async (desk, step, call) => {
    const { factors } = step
    const offered = factors.filter(({ factorType }) => Object.hasOwn(labels, factorType))
    const choices = offered.map(({ factorType: value }) => ({ value, label: labels[value] }))
    const chosen = await desk.ask({ kind: 'choice', label: 'Which factor?', choices })
    const answer = await offered.find(({ factorType }) => factorType === chosen).start(call)
    if (answer.code !== 'sent_recently') return answer
    desk.say('Not yet: Okta sends one message in 30 seconds.')
    return step
  },
  MFA_CHALLENGE: (desk, step, call) =>
    step.kind === 'push' ? tapped(desk, step, call) : typed(desk, step, call),
}

async function typed(desk, step, call) {
  const passCode = await desk.ask({ kind: 'code', label: `The code from ${step.factor.label}` })
  const answer = await step.verify({ passCode }, call)
  if (answer.status !== 'failed' || answer.retry !== 'input') return answer
  desk.say(`Not accepted: ${answer.code}.`)
  return answer.step ?? step
}

async function tapped(desk, step, call) {
  if (!step.isWaiting) throw failure(`The push was answered: ${step.result}.`)
  const onProgress = ({ secondsLeft, number }) => {
    const value = number === undefined ? undefined : String(number)
    const label = value === undefined ? 'Approve on the phone' : 'Tap this number on the phone'
    desk.show({ label, value, detail: `${Math.round(secondsLeft)} seconds left` })
  }
  const answer = await step.poll({ ...call, onProgress })
  desk.show(undefined)
  return answer
}

async function session(desk, step) {
  if (step.status === 'failed') throw failure(`The sign-in failed: ${step.code}.`)
  if (step.status !== 'SUCCESS') throw failure(`The sign-in stands at ${step.status}.`)
  const made = await step.createSession({ signal: desk.signal })
  desk.say(`Sessions API: the session token has become a session, ${made.status}.`)
  return 'Signed in with two factors. The session is one of Okta, without a token for an API.'
}
