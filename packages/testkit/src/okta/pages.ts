/** The few pages that a person meets at the emulated org. */

const style = `body{font:1rem/1.5 system-ui,sans-serif;max-width:22rem;margin:4rem auto;padding:0 1rem}
label{display:block;margin-top:1rem}input{box-sizing:border-box;width:100%;font:inherit;padding:.4rem}
button{font:inherit;margin:1.5rem .5rem 0 0;padding:.4rem 1rem}[role=alert]{color:#a00000}
@media(prefers-color-scheme:dark){:root{color-scheme:dark}[role=alert]{color:#ff9c9c}}`

const page = (title: string, body: string): string => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><link rel="icon" href="data:,">
<style>${style}</style></head>
<body><main><h1>${title}</h1>
${body}
</main></body>
</html>`

const escape = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

const alert = (message: string | undefined): string =>
  message === undefined ? '' : `<p role="alert" id="error">${escape(message)}</p>`

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

export const donePage = (text: string): string => page('Done', `<p>${escape(text)}</p>`)

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

// `<` must not end the script.
const inScript = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c')

export const postMessagePage = (origin: string, message: object): string =>
  page(
    'One moment',
    `<script>(window.opener || window.parent).postMessage(${inScript(message)}, ${inScript(origin)})</script>`,
  )
