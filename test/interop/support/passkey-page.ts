import type { DirectAddresses, DirectView } from '@portcullis/okta'

/** A page of an application's own, with what a passkey needs: a script. */
export const passkeyPage = (view: DirectView, { start, challenge }: DirectAddresses): string => {
  const { status } = view.status === 'failed' ? view.stage : view
  const ask = status === 'start' ? start : challenge
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Sign in</title>
<link rel="icon" href="data:,"><script src="/passkey.js" defer></script></head>
<body><h1>${status}</h1><p role="alert" hidden></p>
<form method="post" action="${start}"><label>User name <input name="username"></label>
<label>Password <input name="password" type="password"></label><button>Sign in</button></form>
<button type="button" data-ask="${ask}">Use a passkey</button></body></html>`
}
