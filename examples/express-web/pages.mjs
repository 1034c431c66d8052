// What a template engine would do.

/** Where nobody must be signed in. */
export const homePage = (session) =>
  page(
    'Home',
    session === undefined
      ? '<p><a href="/login?return_to=/account">Sign in</a></p>'
      : `<p>Hello, ${escaped(nameIn(session))}. <a href="/account">Your account</a></p>${signOut}`,
  )

/** Who is signed in. */
export const accountPage = (session) =>
  page(
    'Account',
    `<p>You are <strong>${escaped(nameIn(session))}</strong>. <a href="/orders">Your orders</a></p>${signOut}`,
  )

/** What the API said. */
export const ordersPage = (status, body) =>
  page('Orders', `<p>The API says ${status}:</p><pre>${escaped(body)}</pre>${signOut}`)

const nameIn = ({ claims }) => claims.name ?? claims.sub

// A form, because a link could stand on anybody's page.
const signOut = '<form method="post" action="/logout"><button>Sign out</button></form>'

const page = (title, body) => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${title}</title><link rel="icon" href="data:,"></head>
<body><main><h1>${title}</h1>${body}</main></body>
</html>`

const escaped = (text) =>
  String(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
