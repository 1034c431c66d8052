import { failure } from './runs.mjs'

const words = { sms: 'the text message', voice: 'the call', email: 'the mail' }
const mostTries = 5

/** Goes on until there are tokens; `second` says what the second factor shall be. */
export async function finish(clients, desk, { direct, answer, second }) {
  const next = {
    mfa_required: ({ state }) => second(state),
    pending: (pending) =>
      pending.binding === 'prompt' ? typed(desk, direct, pending) : tapped(desk, direct, pending),
  }
  let last = answer
  while (Object.hasOwn(next, last.status)) {
    if (last.status === 'mfa_required') desk.say('Okta wants a second factor.')
    last = await next[last.status](last)
  }
  if (last.status === 'failed') {
    throw failure(`The sign-in failed: ${last.code}. What can be done: ${last.retry}.`)
  }
  desk.tokens(last.tokens)
  desk.say('Signed in: the ID token is checked, signature included.')
  await clients.call(desk, last.tokens)
  return last
}

const signedIn = async (clients, desk, how) => {
  const { claims } = await finish(clients, desk, how)
  return `Signed in without a redirect. Factors: ${claims.amr.join(', ')}.`
}

/** Asks for a code until it is right, or the flow cannot go on. */
async function until(desk, label, hand) {
  for (let tries = 0; ; tries += 1) {
    const code = await desk.ask({ kind: 'code', label })
    const answer = await hand(code)
    const isTypo = answer.status === 'failed' && answer.retry === 'input'
    if (!isTypo || tries + 1 >= mostTries) return answer
    desk.say(`Not accepted: ${answer.code}. Each code counts once; try another one.`)
  }
}

async function typed(desk, direct, { state, channel }) {
  desk.say(`Okta has sent a code by ${channel}.`)
  const hand = (code) => direct.verify(state, { code }, { signal: desk.signal })
  return until(desk, `The code from ${words[channel]}`, hand)
}

async function tapped(desk, direct, { state, number }) {
  desk.say('Okta asks the phone, and the application polls.')
  const answer = await direct.poll(state, {
    signal: desk.signal,
    onProgress: ({ secondsLeft }) =>
      desk.show({
        label: number === undefined ? 'Approve on the phone' : 'Tap this number on the phone',
        value: number,
        detail: `${Math.round(secondsLeft)} seconds left`,
      }),
  })
  desk.show(undefined)
  return answer
}

const otpLabel = 'The code that the authenticator app shows'

const otp = (clients) => async (desk) => {
  const direct = clients.direct('phoneApp')
  const { login: username } = desk.user
  const call = { signal: desk.signal }
  const answer = await until(desk, otpLabel, (code) => direct.otp({ username, otp: code }, call))
  return signedIn(clients, desk, { direct, answer })
}

const oob = (channel) => (clients) => async (desk) => {
  const direct = clients.direct('phoneApp')
  const answer = await direct.oob({ username: desk.user.login, channel }, { signal: desk.signal })
  return signedIn(clients, desk, { direct, answer })
}

export const password = (direct, { user, signal }) =>
  direct.password({ username: user.login, password: user.password }, { signal })

export const second = (desk, direct) => ({
  otp: (state) =>
    until(desk, otpLabel, (code) => direct.mfaOtp(state, { otp: code }, { signal: desk.signal })),
  oob: async (state) => {
    const channel = await desk.ask({
      kind: 'choice',
      label: 'How shall Okta ask for the second factor?',
      choices: [
        { value: 'push', label: 'Push' },
        { value: 'sms', label: 'Text message' },
        { value: 'email', label: 'Mail' },
        { value: 'voice', label: 'Call' },
      ],
    })
    return direct.mfaOob(state, { channel }, { signal: desk.signal })
  },
})

const passwordThen = (kind) => (clients) => async (desk) => {
  const direct = clients.direct('strictApp')
  const answer = await password(direct, desk)
  desk.say('The password is right, and forgotten again.')
  return signedIn(clients, desk, { direct, answer, second: second(desk, direct)[kind] })
}

const messageThenOtp = (clients) => async (desk) => {
  const direct = clients.direct('strictApp')
  const call = { signal: desk.signal }
  const answer = await direct.oob({ username: desk.user.login, channel: 'sms' }, call)
  return signedIn(clients, desk, { direct, answer, second: second(desk, direct).otp })
}

const at = { application: 'native', redirect: false, trusted: true }
const once = { ...at, mfa: 'never', firstFactor: 'oob' }
const twice = { ...at, mfa: 'always' }
const group = 'Direct authentication'

export const directFlows = [
  {
    id: 'direct-password-otp',
    group,
    title: 'Password, then one-time password',
    text: 'The app’s policy wants two factors: mfa_required, then the MFA OTP grant.',
    answers: twice,
    make: passwordThen('otp'),
  },
  {
    id: 'direct-otp',
    group,
    title: 'One-time password alone',
    text: 'Primary OTP: no password at all.',
    answers: { ...once, firstFactor: 'otp' },
    make: otp,
  },
  {
    id: 'direct-push',
    group,
    title: 'Push with a number',
    text: 'Primary OOB: tap the number on the phone that the page shows.',
    answers: once,
    make: oob('push'),
  },
  {
    id: 'direct-sms',
    group,
    title: 'Code by text message',
    text: 'Primary OOB by SMS.',
    answers: once,
    make: oob('sms'),
  },
  {
    id: 'direct-email',
    group,
    title: 'Code by mail',
    text: 'Primary OOB by e-mail; not in Okta’s reference, and not in every org.',
    answers: once,
    make: oob('email'),
  },
  {
    id: 'direct-voice',
    group,
    title: 'Code by call',
    text: 'Primary OOB by a call.',
    answers: once,
    make: oob('voice'),
  },
  {
    id: 'mfa-otp',
    group,
    title: 'Text message, then one-time password',
    text: 'MFA OTP after a first factor that is no password: the client chooses the order.',
    answers: { ...twice, firstFactor: 'oob' },
    make: messageThenOtp,
  },
  {
    id: 'mfa-oob',
    group,
    title: 'Password, then push or code',
    text: 'MFA OOB: choose how the second factor comes.',
    answers: twice,
    make: passwordThen('oob'),
  },
]
