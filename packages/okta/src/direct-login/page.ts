import { escapeHtml as html } from '@portcullis/core'
import type { DirectFailureCode } from '../direct/failure.ts'
import type { Channel, SecondFactor } from '../direct/wire.ts'
import { style } from './style.ts'
import type { DirectAddresses, DirectFailed, DirectStage, DirectView } from './view.ts'

/** A page that works without scripts: forms with labels, and a refresh while a push is waited for. */
export function plainPage(view: DirectView, addresses: DirectAddresses): string {
  const hasFailed = view.status === 'failed'
  const stage = hasFailed ? view.stage : view
  const title = titleOf(stage)
  // Read out first by a screen reader, which says no alert that was there from the beginning.
  const tab = hasFailed ? `Error: ${title}` : title
  const body = [hasFailed ? problem(view) : '', content(stage, addresses, hasFailed)].join('\n')
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${tab}</title>${refresh(view, addresses)}<link rel="icon" href="data:,">
<style>${style}</style></head>
<body><main><h1>${title}</h1>
${body}
</main></body>
</html>`
}

function titleOf(stage: DirectStage): string {
  if (stage.status === 'start') return 'Sign in'
  if (stage.status === 'mfa_required') return 'One more step'
  if (stage.status === 'webauthn') return 'Use your passkey'
  return stage.binding === 'prompt' ? 'Type the code' : 'Look at your phone'
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
  const wait = retryAfter === undefined ? '' : ` Try again in ${duration(retryAfter)}.`
  return `<p role="alert" data-code="${html(code)}" id="problem">${html(sentence)}${wait}</p>`
}

const duration = (seconds: number): string =>
  seconds > 90 ? counted(seconds / 60, 'minute') : counted(seconds, 'second')

const counted = (amount: number, unit: string): string => {
  const whole = Math.ceil(amount)
  return `${whole} ${unit}${whole === 1 ? '' : 's'}`
}

function content(stage: DirectStage, addresses: DirectAddresses, hasFailed: boolean): string {
  if (stage.status === 'mfa_required') return choice(stage.next, addresses, hasFailed)
  if (stage.status === 'pending') return waiting(stage, addresses, hasFailed)
  return stage.status === 'start'
    ? beginning(addresses, hasFailed)
    : passkey + cancelling(addresses)
}

const form = (action: string, fields: string): string =>
  `<form method="post" action="${html(action)}">${fields}</form>`

const other = (action: string, fields: string): string =>
  `<form class="other" method="post" action="${html(action)}">${fields}</form>`

const field = (label: string, name: string, attributes: string, hasFailed: boolean): string =>
  `<p><label>${label} <input name="${name}" ${attributes} required${hasFailed ? ' aria-describedby="problem"' : ''}></label></p>`

const codeForm = ({ verify }: DirectAddresses, hasFailed: boolean): string =>
  form(
    verify,
    `${field('Code', 'code', 'inputmode="numeric" autocomplete="one-time-code" autofocus', hasFailed)}<button>Confirm</button>`,
  )

const beginning = ({ start, returnTo }: DirectAddresses, hasFailed: boolean): string =>
  form(
    start,
    [
      field(
        'User name',
        'username',
        'autocomplete="username" autocapitalize="none" spellcheck="false" autofocus',
        hasFailed,
      ),
      field('Password', 'password', 'type="password" autocomplete="current-password"', hasFailed),
      returnTo === undefined
        ? ''
        : `<input type="hidden" name="return_to" value="${html(returnTo)}">`,
      '<button>Sign in</button>',
    ].join(''),
  )

// A passkey is asked for by a script of the application's own.
const passkey = '<p>Please use your passkey.</p>'

const cancelling = ({ cancel }: DirectAddresses): string =>
  other(cancel, '<button class="quiet">Cancel</button>')

const labels: Readonly<Record<Channel, string>> = {
  push: 'Send a push to my phone',
  sms: 'Send a code by SMS',
  voice: 'Call me with a code',
  email: 'Send a code by mail',
}

function choice(
  next: readonly SecondFactor[],
  addresses: DirectAddresses,
  hasFailed: boolean,
): string {
  const sendable = next.filter((factor) => factor !== 'otp' && factor !== 'webauthn')
  const buttons = sendable
    .map((factor) => `<p><button name="factor" value="${factor}">${labels[factor]}</button></p>`)
    .join('')
  const typed = next.includes('otp')
    ? `<p>Your authenticator app shows a code.</p>${codeForm(addresses, hasFailed)}`
    : ''
  const sending =
    buttons === ''
      ? ''
      : `<h2>${typed === '' ? 'How shall we reach you?' : 'Or another way'}</h2>${other(addresses.challenge, buttons)}`
  return [typed, sending, cancelling(addresses)].join('\n')
}

const sent: Readonly<Record<Channel, string>> = {
  push: 'Approve the request on your phone.',
  sms: 'We have sent you a code by SMS.',
  voice: 'We are calling you with a code.',
  email: 'We have sent you a code by mail.',
}

function waiting(
  { binding, channel, number, secondsLeft }: DirectStage & { readonly status: 'pending' },
  addresses: DirectAddresses,
  hasFailed: boolean,
): string {
  const again = other(addresses.resend, '<button>Send again</button>') + cancelling(addresses)
  if (binding === 'prompt')
    return `<p>${sent[channel]}</p>${codeForm(addresses, hasFailed)}${again}`
  const what =
    number === undefined
      ? sent[channel]
      : `Choose this number on your phone: <strong>${html(number)}</strong>`
  return [
    `<div role="status"><p>${what}</p>`,
    `<progress aria-label="Waiting for your phone"></progress>`,
    `<p class="soft">${duration(secondsLeft)} left. <a href="${html(addresses.poll)}">Check now</a></p></div>`,
    again,
  ].join('\n')
}
