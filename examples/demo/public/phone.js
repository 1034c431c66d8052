import { ask, byId, element } from './dom.js'

const seen = {}
const channels = { sms: 'Text message', voice: 'Call', email: 'Mail' }
let acting

/** Connects the phone: `person` says whose it is, `guarded` reports failures, `look` shows what came of it. */
export function startPhone(person, guarded, look) {
  acting = (act, value) =>
    guarded(async () => {
      await ask('phone/act', { user: person(), act, value })
      await look()
    })
  byId('password').addEventListener('click', () =>
    guarded(async () => {
      const { password } = await ask('phone/password', { user: person() })
      byId('password-shown').replaceChildren(element('code', {}, password))
    }),
  )
}

/** Shows what is on the phone and in the inbox. */
export function showPhone({ user, prompts, codes, messages }, run) {
  if (user !== seen.user) byId('password-shown').replaceChildren()
  seen.user = user
  byId('phone-title').textContent = `Phone of ${user}`
  const device = run.user === user ? run.note?.device : undefined
  change('prompts', [prompts, device], () => [
    ...prompts.map(promptOf),
    ...(device === undefined ? [] : [deviceOf(device)]),
    ...(prompts.length === 0 && device === undefined
      ? [element('p', { class: 'quiet' }, 'No questions.')]
      : []),
  ])
  change('codes', codes, () =>
    codes.flatMap(({ label, code }) => [
      element('dt', {}, label),
      element('dd', {}, element('code', {}, code)),
    ]),
  )
  change('messages', messages, () =>
    messages.length === 0
      ? [element('li', { class: 'quiet' }, 'Nothing yet.')]
      : messages.map(messageOf),
  )
}

function change(id, value, make) {
  const key = JSON.stringify(value)
  if (seen[id] === key) return
  seen[id] = key
  const hadFocus = byId(id).contains(document.activeElement)
  byId(id).replaceChildren(...make())
  // What was focused is gone.
  if (hadFocus) byId('phone-title').focus()
}

const messageOf = ({ channel, to, code, at }) =>
  element(
    'li',
    {},
    element(
      'small',
      {},
      `${channels[channel]} to ${to}, ${new Date(at).toLocaleTimeString('en-GB')}`,
    ),
    ' Your code is ',
    element('code', {}, code),
  )

function promptOf({ choices, hasNumber }) {
  const said = hasNumber ? 'Which number do you see?' : 'Do you want to sign in?'
  const yes = hasNumber
    ? choices.map((number) => doing(number, 'tap', number, `Tap ${number}`))
    : [doing('Yes, it’s me', 'approve')]
  return question(
    `Okta Verify: somebody signs in. ${said}`,
    ...yes,
    quietly(doing('No, it’s not me', 'reject')),
  )
}

const deviceOf = (code) =>
  question(
    `A device with the code ${code} wants to connect.`,
    doing('Allow', 'allow', code),
    quietly(doing('Refuse', 'refuse', code)),
  )

const question = (text, ...buttons) =>
  element(
    'div',
    { class: 'prompt', role: 'group', 'aria-label': 'Question on the phone' },
    element('p', {}, text),
    element('p', { class: 'row' }, ...buttons),
  )

function quietly(button) {
  button.className = 'plain'
  return button
}

function doing(text, name, value, label) {
  const button = element('button', { type: 'button', 'aria-label': label }, text)
  button.addEventListener('click', () => acting(name, value))
  return button
}
