// Every way to sign in by direct authentication, without a page: `terminal.mjs` runs them. A passkey
// wants a browser: see `passkey.js`.

/** Shows, asks or waits, as the channel wants it. */
async function prompted(direct, answer, { ask, show }) {
  if (answer.status !== 'pending') return answer
  if (answer.binding === 'prompt') {
    return direct.verify(answer.state, { code: await ask(`Code by ${answer.channel}: `) })
  }
  show(answer.number === undefined ? 'Look at your phone' : `Tap ${answer.number} on your phone`)
  return direct.poll(answer.state)
}

const password = async (direct, { username, ask }) =>
  direct.password({ username, password: await ask('Password: ') })

const otp = async (direct, { username, ask }) =>
  direct.otp({ username, otp: await ask('Code of your authenticator app: ') })

const oob = (channel) => async (direct, person) =>
  prompted(direct, await direct.oob({ username: person.username, channel }), person)

/** The first factor, and another one where the policy wants it. */
const then = (first, second) => async (direct, person) => {
  const answer = await first(direct, person)
  return answer.status === 'mfa_required' ? second(direct, answer.state, person) : answer
}

const mfaOtp = async (direct, state, { ask }) =>
  direct.mfaOtp(state, { otp: await ask('Code of your authenticator app: ') })

const mfaOob = (channel) => async (direct, state, person) =>
  prompted(direct, await direct.mfaOob(state, { channel }), person)

/** By name: what asks for one factor, for a password and another one, and for two without a password. */
export const variants = {
  password,
  otp,
  push: oob('push'),
  sms: oob('sms'),
  voice: oob('voice'),
  email: oob('email'),
  'password+otp': then(password, mfaOtp),
  'password+push': then(password, mfaOob('push')),
  'password+sms': then(password, mfaOob('sms')),
  'password+voice': then(password, mfaOob('voice')),
  'password+email': then(password, mfaOob('email')),
  'otp+push': then(otp, mfaOob('push')),
  'push+otp': then(oob('push'), mfaOtp),
}
