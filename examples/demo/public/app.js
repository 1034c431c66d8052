import { ask, block, byId, element, entry, pretty } from './dom.js'
import { detailOf, verdictOf } from './detail.js'

const setup = await ask('setup')
const cells = new Map()

// Answers that arrive after another token was chosen are of no interest any more.
let turn = 0

const chosen = () => {
  const { value } = document.querySelector('input[name=kind]:checked')
  return setup.kinds.find(({ kind }) => kind === value)
}

function showSetup() {
  const { issuer, audience, apis, webs } = setup
  byId('setup').append(
    ...entry('Authorization server (the issuer)', issuer),
    ...entry('Audience of the APIs', audience),
    ...apis.flatMap(({ name, url }) => entry(`${name} API`, url)),
  )
  byId('webs').append(
    ...webs.map(({ name, url }) =>
      element('li', {}, element('a', { href: url }, `${name} web application`)),
    ),
  )
  byId('kinds').append(
    ...setup.kinds.map(({ kind, label, text }, index) => {
      const radio = element('input', { type: 'radio', name: 'kind', value: kind, id: kind })
      radio.checked = index === 0
      const words = [element('strong', {}, label), ' ', element('span', {}, text)]
      return element('label', { for: kind }, radio, element('span', {}, ...words))
    }),
  )
}

function showTable() {
  byId('apis').append(...setup.apis.map(({ name }) => element('th', { scope: 'col' }, name)))
  byId('routes').append(
    ...setup.routes.map(({ path, text }) => {
      const head = [element('code', {}, `GET ${path}`), element('small', {}, text)]
      return element('tr', {}, element('th', { scope: 'row' }, ...head), ...row(path))
    }),
  )
}

const row = (path) =>
  setup.apis.map(({ name: api }) => {
    const button = element('button', { type: 'button', class: 'cell' }, 'call')
    button.addEventListener('click', () => guarded(() => callOne({ api, path })))
    cells.set(`${api} ${path}`, button)
    return element('td', {}, button)
  })

function showToken({ header, payload, masked }) {
  const parts = header
    ? [
        element('h4', {}, 'Header'),
        block(pretty(header)),
        element('h4', {}, 'Payload'),
        block(pretty(payload)),
        element('h4', {}, 'On the wire'),
        block(masked),
      ]
    : [element('p', { class: 'quiet' }, 'Nothing: the requests carry no token.')]
  byId('token').replaceChildren(...parts)
}

async function call({ api, path }) {
  const { kind, label } = chosen()
  const result = await ask('call', { api, path, kind })
  return { api, path, label, result }
}

function showCall({ api, path, result }) {
  const { word, status } = verdictOf(result)
  const button = cells.get(`${api} ${path}`)
  button.className = `cell ${result.decision.verdict}`
  button.replaceChildren(element('strong', {}, String(status)), ' ', word)
  button.setAttribute('aria-label', `${path} on ${api}: ${status} ${word}. Call again.`)
}

function showDetail({ api, path, label, result }) {
  for (const button of cells.values()) button.removeAttribute('aria-current')
  cells.get(`${api} ${path}`).setAttribute('aria-current', 'true')
  byId('detail').replaceChildren(detailOf(result, `${label} at ${path} on ${api}`))
}

async function callOne(target) {
  const done = await call(target)
  showCall(done)
  showDetail(done)
  const { word, status } = verdictOf(done.result)
  byId('summary').textContent = `GET ${done.path} on ${done.api}: ${status}, ${word}.`
}

async function callAll(mine) {
  const targets = setup.routes.flatMap(({ path }) =>
    setup.apis.map(({ name: api }) => ({ api, path })),
  )
  const done = await Promise.all(targets.map(call))
  if (mine !== turn) return
  done.forEach(showCall)
  showDetail(done.find(({ path }) => path === '/orders') ?? done[0])
  const refused = done.filter(({ result }) => result.decision.verdict === 'refused').length
  byId('summary').textContent =
    `${done.length} calls: ${done.length - refused} passed, ${refused} refused.`
}

/** A new token, and every route called with it. */
async function begin() {
  const mine = ++turn
  const { kind } = chosen()
  byId('summary').textContent = kind === 'expired' ? 'Waiting for the token to expire.' : 'Calling.'
  const token = await ask('token', { kind })
  if (mine !== turn) return
  showToken(token)
  await callAll(mine)
}

async function guarded(act) {
  const error = byId('error')
  error.hidden = true
  try {
    await act()
  } catch (failure) {
    error.textContent = `The demo does not answer: ${failure.message}`
    error.hidden = false
  }
}

showSetup()
showTable()
byId('kinds').addEventListener('change', () => guarded(begin))
byId('renew').addEventListener('click', () => guarded(begin))
byId('call-all').addEventListener('click', () => guarded(() => callAll(++turn)))
await guarded(begin)
