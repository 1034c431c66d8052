import type { DirectFailureCode } from '../direct/failure.ts'
import type { SecondFactor } from '../direct/wire.ts'
import type { DirectAddresses, DirectFailed, DirectStage, DirectView } from './view.ts'

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const html = (text: string): string => text.replace(/[&<>"']/g, (one) => escapes[one] ?? '')

/** A page that works without scripts: forms with labels, and a refresh while a push is waited for. */
export function plainPage(view: DirectView, addresses: DirectAddresses): string {
  const stage = view.status === 'failed' ? view.stage : view
  const body = [view.status === 'failed' ? problem(view) : '', content(stage, addresses)].join('')
  return (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">' +
    '<meta name="viewport" content="width=device-width">' +
    `<title>Sign in</title>${refresh(view, addresses)}</head><body><main><h1>Sign in</h1>${body}</main></body></html>`
  )
}

// After a failure nothing goes on by itself, or nobody could read what went wrong.
const refresh = (view: DirectView, { poll }: DirectAddresses): string =>
  view.status === 'pending' && view.binding !== 'prompt'
    ? `<meta http-equiv="refresh" content="${Math.ceil(view.interval ?? 5)};url=${html(poll)}">`
    : ''

const sentences: Readonly<Partial<Record<DirectFailureCode, string>>> = {
  input_refused: 'Please fill in the form.',
  credentials_wrong: 'The user name or the password is wrong.',
  code_wrong: 'The code is wrong.',
  rejected: 'The request was rejected on the phone.',
  expired: 'That took too long. Please begin again.',
  attempts_exhausted: 'There were too many attempts.',
  rate_limited: 'There were too many attempts.',
  delivery_failed: 'The message could not be sent.',
  password_expired: 'The password has expired.',
  factor_unavailable: 'This way is not set up.',
}

function problem({ code, retryAfter }: DirectFailed): string {
  const sentence = sentences[code] ?? 'Signing in did not work.'
  const wait = retryAfter === undefined ? '' : ` Try again in ${Math.ceil(retryAfter)} seconds.`
  return `<p role="alert" data-code="${html(code)}">${html(sentence)}${wait}</p>`
}

function content(stage: DirectStage, addresses: DirectAddresses): string {
  if (stage.status === 'mfa_required') return choice(stage.next, addresses)
  if (stage.status === 'pending') return waiting(stage, addresses)
  return stage.status === 'start' ? beginning(addresses) : passkey + cancelling(addresses)
}

const form = (action: string, fields: string): string =>
  `<form method="post" action="${html(action)}">${fields}</form>`

const field = (label: string, name: string, attributes: string): string =>
  `<p><label>${label} <input name="${name}" ${attributes} required></label></p>`

const codeField = field(
  'Code',
  'code',
  'inputmode="numeric" autocomplete="one-time-code" autofocus',
)

const beginning = ({ start, returnTo }: DirectAddresses): string =>
  form(
    start,
    [
      field('User name', 'username', 'autocomplete="username" autofocus'),
      field('Password', 'password', 'type="password" autocomplete="current-password"'),
      returnTo === undefined
        ? ''
        : `<input type="hidden" name="return_to" value="${html(returnTo)}">`,
      '<p><button>Sign in</button></p>',
    ].join(''),
  )

// A passkey is asked for by a script of the application's own.
const passkey = '<p>Please use your passkey.</p>'

const cancelling = ({ cancel }: DirectAddresses): string => form(cancel, '<button>Cancel</button>')

const labels: Readonly<Record<Exclude<SecondFactor, 'otp' | 'webauthn'>, string>> = {
  push: 'Send a push to my phone',
  sms: 'Send a code by SMS',
  voice: 'Call me with a code',
  email: 'Send a code by mail',
}

function choice(next: readonly SecondFactor[], addresses: DirectAddresses): string {
  const buttons = next.map((factor) =>
    factor === 'otp' || factor === 'webauthn'
      ? ''
      : `<p><button name="factor" value="${factor}">${labels[factor]}</button></p>`,
  )
  const typed = next.includes('otp')
    ? form(addresses.verify, `${codeField}<p><button>Confirm</button></p>`)
    : ''
  return [
    '<h2>One more step</h2>',
    typed,
    form(addresses.challenge, buttons.join('')),
    cancelling(addresses),
  ].join('')
}

function waiting(
  { binding, number, secondsLeft }: DirectStage & { readonly status: 'pending' },
  addresses: DirectAddresses,
): string {
  const again = form(addresses.resend, '<button>Send again</button>') + cancelling(addresses)
  if (binding === 'prompt') {
    return form(addresses.verify, `${codeField}<p><button>Confirm</button></p>`) + again
  }
  const what =
    number === undefined
      ? 'Approve the request on your phone.'
      : `Choose <strong>${html(number)}</strong> on your phone.`
  return [
    `<div role="status"><p>${what}</p>`,
    `<p><progress aria-label="Waiting for your phone"></progress> ${secondsLeft} seconds left</p></div>`,
    `<p><a href="${html(addresses.poll)}">Check now</a></p>`,
    again,
  ].join('')
}
