import { readFile } from 'node:fs/promises'

const types = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
}

const shared = ['style.css', 'dom.js', 'detail.js', 'icon.svg']
const files = shared
  .concat('index.html', 'app.js')
  .concat('flows.html', 'flows.css', 'flows.js', 'run.js', 'phone.js')

const headers = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
}

/**
 * The page's own server: its files, and an action for each `METHOD /path` in `actions`. An action gets
 * what the page has sent as JSON, and answers what is to be sent back.
 */
export const createPage = (actions) => async (request, response) => {
  try {
    const { status, type, body } = await answer(request, actions)
    response.writeHead(status, { ...headers, 'content-type': type }).end(body)
  } catch (error) {
    const status = error instanceof RangeError || error instanceof SyntaxError ? 400 : 500
    const body = JSON.stringify({ error: error.message })
    response.writeHead(status, { ...headers, 'content-type': 'application/json' }).end(body)
  }
}

async function answer(request, actions) {
  if (!isForUs(request)) return plain(421)
  const [pathname] = request.url.split('?', 1)
  const action = actions[`${request.method} ${pathname}`]
  if (action !== undefined) return json(await action(await read(request)))
  const file = pathname === '/' ? 'index.html' : pathname.slice(1)
  if (!files.includes(file)) return plain(404)
  if (request.method !== 'GET' && request.method !== 'HEAD') return plain(405)
  const body = await readFile(new URL(`public/${file}`, import.meta.url))
  return { status: 200, type: types[file.split('.').at(-1)], body }
}

/** A page elsewhere whose name points here (DNS rebinding) has no business with this server. */
export const isForUs = (request) =>
  /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(request.headers.host ?? '')

const plain = (status) => ({ status, type: 'text/plain', body: `${status}\n` })

const json = (value) => ({ status: 200, type: 'application/json', body: JSON.stringify(value) })

async function read(request) {
  if (request.method !== 'POST') return undefined
  // Forms of other sites cannot send this type.
  if (request.headers['content-type'] !== 'application/json')
    throw new RangeError('The body must be JSON.')
  let text = ''
  for await (const chunk of request) {
    text += chunk
    if (text.length > 10_000) throw new RangeError('The body is too long.')
  }
  return JSON.parse(text)
}
