/** The few pages that a person can meet. They load nothing and run no script, the logout page apart. */

const style = `body{font:1rem/1.5 system-ui,sans-serif;max-width:22rem;margin:4rem auto;padding:0 1rem}
label{display:block;margin-top:1rem}input{box-sizing:border-box;width:100%;font:inherit;padding:.4rem}
button{font:inherit;margin:1.5rem .5rem 0 0;padding:.4rem 1rem}[role=alert]{color:#a00000}
code{font-size:1.4rem}@media(prefers-color-scheme:dark){:root{color-scheme:dark}[role=alert]{color:#ff9c9c}}`

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

export interface LoginPage {
  readonly action: string
  readonly client: string
  readonly user?: string | undefined
  readonly error?: string
}

export function loginPage({ action, client, user = '', error }: LoginPage): string {
  const described = error === undefined ? '' : ' aria-invalid="true" aria-describedby="error"'
  return page(
    'Sign in',
    `${alert(error)}<p>to go on to ${escape(client)}</p>
<form method="post" action="${escape(action)}">
<label for="user">User name</label>
<input id="user" name="user" autocomplete="username" required value="${escape(user)}"${described}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required${described}>
<button type="submit" name="answer" value="sign-in">Sign in</button>
<button type="submit" name="answer" value="cancel" formnovalidate>Cancel</button>
</form>`,
  )
}

export const errorPage = (error: string, description: string | undefined): string =>
  page('Something went wrong', `<p role="alert">${escape(error)}: ${escape(description ?? '')}</p>`)

export const devicePage = (form: string, error?: string): string =>
  page(
    'Connect a device',
    `${alert(error)}<p>Enter the code that your device shows.</p>
${form}<button type="submit" form="op.deviceInputForm">Go on</button>`,
  )

export const deviceConfirmPage = (form: string, userCode: string): string =>
  page(
    'Connect this device?',
    `<p>Does it show <code>${escape(userCode)}</code>?</p>
${form}<button type="submit" form="op.deviceConfirmForm">Connect</button>
<button type="submit" form="op.deviceConfirmForm" name="abort" value="yes">Cancel</button>`,
  )

export const donePage = (text: string): string => page('Done', `<p>${escape(text)}</p>`)

/** With `atOnce`, a browser answers yes by itself: for tests without a person. */
export const logoutPage = (form: string, atOnce: boolean): string =>
  page(
    'Sign out?',
    `${form}<button type="submit" form="op.logoutForm" name="logout" value="yes">Sign out</button>
<button type="submit" form="op.logoutForm">Stay</button>
${atOnce ? "<script>document.querySelector('[name=logout]').click()</script>" : ''}`,
  )
