import { people } from './org.mjs'

const apps = { totp: 'Okta Verify', google_otp: 'Google Authenticator' }
const mostMessages = 6

/**
 * Somebody's phone and inbox. What a person holds can be read here, and nowhere else on the page: the
 * codes, and the password on request.
 */
export function createPhone(org) {
  const named = (user) => {
    if (Object.hasOwn(people, user)) return { phone: org.phone(user), inbox: org.inbox(user) }
    throw new RangeError(`There is nobody called '${user}'.`)
  }
  const view = ({ user }) => {
    const { phone, inbox } = named(user)
    const waiting = phone.prompts.filter(({ answer }) => answer === 'WAITING')
    return {
      user,
      prompts: waiting
        .slice(-1)
        .map(({ id, choices, number }) => ({ id, choices, hasNumber: number !== undefined })),
      codes: Object.entries(apps).map(([app, label]) => ({ label, code: phone.code(app) })),
      messages: inbox.messages.slice(-mostMessages).toReversed().map(shown),
    }
  }
  const acts = {
    approve: ({ phone }) => phone.approve(),
    reject: ({ phone }) => phone.reject(),
    tap: ({ phone }, { value }) => phone.tap(String(value)),
    allow: (_, { user, value }) => org.answerDevice(String(value), user),
    refuse: (_, { value }) => org.answerDevice(String(value), false),
  }
  return {
    view,
    password: ({ user }) => {
      named(user)
      return { password: people[user].password }
    },
    act: (wish) => {
      if (!Object.hasOwn(acts, wish.act)) throw new RangeError('A phone cannot do that.')
      const reach = named(wish.user)
      try {
        acts[wish.act](reach, wish)
      } catch {
        throw new RangeError('Nothing waits for that any more.')
      }
      return view(wish)
    },
  }
}

const shown = ({ channel, to, code, at }) => ({ channel, to, code, at })
