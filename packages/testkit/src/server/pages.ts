// The few pages that a person can meet. They load nothing and run no script, the logout page apart.

import { alert, escape, page } from '../html-page.ts'

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

/** With `atOnce`, a browser answers yes by itself: for tests without a person. */
export const logoutPage = (form: string, atOnce: boolean): string =>
  page(
    'Sign out?',
    `${form}<button type="submit" form="op.logoutForm" name="logout" value="yes">Sign out</button>
<button type="submit" form="op.logoutForm">Stay</button>
${atOnce ? "<script>document.querySelector('[name=logout]').click()</script>" : ''}`,
  )
