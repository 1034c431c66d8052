/** Where nobody must be signed in. */
export const homePage = ({ name, claims }) =>
  page(
    name,
    claims === undefined
      ? panel(
          'You are not signed in',
          `<p>Sign in as <strong>alice</strong> or <strong>bob</strong>; the password is
<strong>password</strong>. Whoever is signed in to the other web application need not type it again.</p>
<p><a class="button" href="/login?return_to=/account">Sign in</a></p>`,
        )
      : panel(
          'You are signed in',
          `<p>as <strong>${escaped(nameIn(claims))}</strong>. <a href="/account">Go to your account</a></p>${signOut}`,
        ),
  )

/** Who is signed in, and what the session can do. */
export const accountPage = ({ name, claims, createdAt, token, apis, call }) =>
  page(
    name,
    panel(
      'Your account',
      list({ Name: nameIn(claims), Subject: claims.sub, 'Signed in at': time(createdAt) }) +
        signOut,
    ),
    panel('Your access token', tokenList(token)),
    panel(
      'Call an API with it',
      `<ul class="calls">${apis.flatMap(({ name: api }) => callLinks(api)).join('')}</ul>${callResult(call)}`,
    ),
  )

/** What could not be done, without details: they are for the log. */
export const troublePage = (name, status) =>
  page(name, panel('That did not work', `<p>${status}. <a href="/account">Try again</a></p>`))

// An issuer may keep the name for its userinfo endpoint.
const nameIn = ({ name, sub }) => name ?? sub

const tokenList = ({ exp, masked, renewals }) =>
  `${list({
    'Good until': time(exp),
    'Seconds left': Math.max(0, Math.round(exp - Date.now() / 1000)),
    'Renewed since you signed in': renewals,
    'On the wire': masked,
  })}<p class="quiet">Shortly before its end it is renewed by whatever page needs it.</p>
<p><a class="button" href="/account">Look again</a></p>`

const callLinks = (api) => [
  `<li><a href="/account?api=${api}&amp;path=/orders#answer">GET /orders on ${api}</a>: you may</li>`,
  `<li><a href="/account?api=${api}&amp;path=/admin#answer">GET /admin on ${api}</a>: you may not</li>`,
]

const callResult = (call) =>
  call === undefined
    ? ''
    : `<h3 id="answer">The API says</h3>${list({
        Request: `GET ${call.url}`,
        Status: `${call.status} ${call.statusText}`,
      })}<pre tabindex="0">${escaped(call.body)}</pre>`

// A form, because a link could stand on anybody's page.
const signOut =
  '<form method="post" action="/logout"><button type="submit">Sign out</button></form>'

const panel = (title, body) => `<section class="panel"><h2>${title}</h2>${body}</section>`

const list = (entries) =>
  `<dl>${Object.entries(entries)
    .map(([term, value]) => `<dt>${term}</dt><dd>${escaped(value)}</dd>`)
    .join('')}</dl>`

const time = (seconds) => new Date(seconds * 1000).toLocaleTimeString('en-GB')

const page = (title, ...panels) => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title><link rel="icon" href="icon.svg" type="image/svg+xml"><link rel="stylesheet" href="style.css"></head>
<body class="narrow"><header class="top"><h1>${title}</h1></header><main>
${panels.join('\n')}
</main></body>
</html>`

const escaped = (text) =>
  String(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
