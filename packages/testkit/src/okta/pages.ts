// The few pages that a person meets at the emulated org.

import { alert, escape, page } from '../html-page.ts'

const hidden = (fields: Readonly<Record<string, string>>): string =>
  Object.entries(fields)
    .map(([name, value]) => `<input type="hidden" name="${escape(name)}" value="${escape(value)}">`)
    .join('\n')

const credentials = (username: string): string => `<label for="username">Username</label>
<input id="username" name="username" autocomplete="username" required value="${escape(username)}">
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>`

export const loginPage = (action: string, username: string, error?: string): string =>
  page(
    'Sign In',
    `${alert(error)}<form method="post" action="${escape(action)}">
${credentials(username)}
<button type="submit">Sign in</button>
</form>`,
  )

export const codePage = (action: string, where: string, error?: string): string =>
  page(
    'Verify it’s you',
    `${alert(error)}<form method="post" action="${escape(action)}">
<label for="code">Code ${escape(where)}</label>
<input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" required>
<button type="submit">Verify</button>
</form>`,
  )

export const pushPage = (action: string, number: string | undefined, error?: string): string =>
  page(
    'Verify it’s you',
    `${alert(error)}<p>Answer the prompt on your phone${number === undefined ? '' : ` with ${escape(number)}`}, then go on.</p>
<form method="post" action="${escape(action)}">
<button type="submit">Go on</button>
</form>`,
  )

// `<` must not end the script.
const inScript = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c')

/** What stands for an external identity provider: whoever has a name is believed. */
export const upstreamPage = (shown: {
  readonly name: string
  readonly action: string
  readonly scope: string
  readonly username: string
}): string =>
  page(
    `Sign in with ${escape(shown.name)}`,
    `<p>It is asked for <code>${escape(shown.scope)}</code>.</p>
<form method="post" action="${escape(shown.action)}">
<label for="username">Username</label>
<input id="username" name="username" autocomplete="username" value="${escape(shown.username)}">
<button type="submit">Continue</button>
<button type="submit" name="answer" value="cancel">Cancel</button>
</form>`,
  )

/** Ends the sessions of other apps by frames, and then goes on. */
export const logoutPage = (frames: readonly string[], target: string | undefined): string =>
  page(
    'Signing out',
    `${frames.map((url) => `<iframe src="${escape(url)}" title="Signing out" hidden></iframe>`).join('\n')}
<p>${target === undefined ? 'You have signed out.' : `<a href="${escape(target)}">Go on</a>`}</p>
${target === undefined ? '' : `<script>addEventListener('load', () => location.replace(${inScript(target)}))</script>`}`,
  )

export const activatePage = (userCode: string, error?: string): string =>
  page(
    'Activate your device',
    `${alert(error)}<form method="post" action="/activate">
<label for="user_code">Code on the device</label>
<input id="user_code" name="user_code" required value="${escape(userCode)}">
${credentials('')}
<button type="submit" name="answer" value="approve">Connect</button>
<button type="submit" name="answer" value="deny">Cancel</button>
</form>`,
  )

export const errorPage = (error: string, description: string): string =>
  page(
    '400',
    `<p role="alert">${escape(description)}</p><p>Error code: <code>${escape(error)}</code></p>`,
  )

export const formPostPage = (action: string, fields: Readonly<Record<string, string>>): string =>
  page(
    'One moment',
    `<form method="post" action="${escape(action)}">
${hidden(fields)}
<noscript><button type="submit">Go on</button></noscript>
</form>
<script>document.forms[0].submit()</script>`,
  )

export const postMessagePage = (origin: string, message: object): string =>
  page(
    'One moment',
    `<script>(window.opener || window.parent).postMessage(${inScript(message)}, ${inScript(origin)})</script>`,
  )
