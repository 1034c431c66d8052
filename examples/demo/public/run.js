import { badge } from './detail.js'
import { block, byId, element, entry, pretty } from './dom.js'

// What is on the page; parts that stay the same are left alone, so that focus and reading go on.
const seen = { number: 0, steps: 0, wire: 0, wish: undefined, note: '', tokens: '' }

/** Shows how a flow stands. */
export function showRun(run, flow, answer) {
  if (run.number !== seen.number) begin(run, flow)
  append('steps', run.steps, stepOf)
  append('wire', run.wire, exchangeOf)
  byId('no-wire').hidden = run.wire.length > 0
  byId('stop').hidden = !['running', 'waiting'].includes(run.state)
  showNote(run.note)
  showWish(run.wish, answer)
  showTokens(run.tokens ?? [])
}

function begin({ number }, { title, text: about, choice, isLegacy }) {
  Object.assign(seen, { number, steps: 0, wire: 0 })
  byId('steps').replaceChildren()
  byId('wire').replaceChildren()
  const warnings = choice.warnings.map(({ source, text }) =>
    element(
      'p',
      { class: isLegacy ? 'warning refused' : 'warning' },
      element('strong', {}, source),
      ` ${text}`,
    ),
  )
  byId('choice').replaceChildren(
    element('h3', {}, title, ...(isLegacy ? [' ', legacyBadge()] : [])),
    element('p', {}, about),
    element('p', { class: 'quiet' }, `chooseFlow, row ${choice.row}: ${choice.title}.`),
    ...warnings,
  )
}

const legacyBadge = () => element('span', { class: 'badge refused' }, 'legacy')

function append(id, items, make) {
  byId(id).append(...items.slice(seen[id]).map(make))
  seen[id] = items.length
}

const stepOf = ({ text, kind }) =>
  element('li', { class: kind }, ...(kind === 'failed' ? [badge('refused'), ' '] : []), text)

function exchangeOf({ endpoint, request, answer }) {
  const summary = element(
    'summary',
    {},
    element('span', { class: `badge ${toneOf(answer.status)}` }, String(answer.status)),
    element('code', {}, shortLine(request.line)),
  )
  const isQuiet = endpoint === 'discovery' || endpoint === 'jwks'
  return element(
    'li',
    { class: isQuiet ? 'quiet' : undefined },
    element(
      'details',
      {},
      summary,
      element('h4', {}, 'Request'),
      block(textOf(request.line, request)),
      element('h4', {}, 'Answer'),
      block(textOf(`HTTP ${answer.status}`, answer)),
    ),
  )
}

const toneOf = (status) => {
  if (status >= 400) return 'refused'
  return status >= 300 ? 'unguarded' : 'granted'
}

const shortLine = (line) => line.replace(/https?:\/\/[^/]+/, '').replace(/[?#].*/, '')

const textOf = (line, { headers, body }) =>
  [line, ...headers, ...(body === undefined ? [] : ['', body])].join('\n')

function showNote(note) {
  const { label, value, detail, href } = note ?? {}
  const key = JSON.stringify([label, value, href])
  if (key !== seen.note) {
    seen.note = key
    const link = href && element('a', { href, target: '_blank', rel: 'noopener' }, href)
    byId('note').replaceChildren(
      ...(label === undefined ? [] : [element('p', {}, label)]),
      ...(link === undefined ? [] : [element('p', {}, link)]),
      ...(value === undefined ? [] : [element('p', { class: 'number' }, value)]),
      // Seconds that are read out would never end.
      ...(label === undefined ? [] : [element('p', { class: 'quiet', 'aria-hidden': 'true' })]),
    )
  }
  const last = byId('note').lastElementChild
  if (last !== null) last.textContent = detail ?? ''
}

function showWish(wish, answer) {
  const key = wish && `${seen.number} ${wish.id}`
  if (key === seen.wish) return
  seen.wish = key
  const hadFocus = byId('wish').contains(document.activeElement)
  byId('wish').replaceChildren(...(wish === undefined ? [] : wishes[wish.kind](wish, answer)))
  const first = byId('wish').querySelector('input, button, a')
  // Whoever has just answered from the keyboard goes on from here.
  if (first !== null) first.focus()
  else if (hadFocus) byId('run-title').focus()
}

const wishes = {
  code: ({ id, label }, answer) => {
    const input = element('input', {
      id: 'code',
      autocomplete: 'off',
      inputmode: 'numeric',
      maxlength: '40',
    })
    const send = () => answer(id, input.value.trim())
    // No form: the page's policy lets none be sent.
    input.addEventListener('keydown', ({ key }) => key === 'Enter' && send())
    const button = element('button', { type: 'button' }, 'Send the code')
    button.addEventListener('click', send)
    return [
      element('label', { for: 'code', class: 'asked' }, label),
      element('p', { class: 'row' }, input, button),
    ]
  },
  choice: ({ id, label, choices }, answer) => [
    element('p', { id: 'choice-label' }, label),
    element(
      'p',
      { class: 'row', role: 'group', 'aria-labelledby': 'choice-label' },
      ...choices.map(({ value, label: text }) => {
        const button = element('button', { type: 'button' }, text)
        button.addEventListener('click', () => answer(id, value))
        return button
      }),
    ),
  ],
  link: ({ label, href }) => [
    element('p', {}, label),
    element('p', {}, element('a', { href, class: 'button' }, 'Go to Okta’s sign-in page')),
  ],
}

function showTokens(tokens) {
  const key = JSON.stringify(tokens)
  if (key === seen.tokens) return
  seen.tokens = key
  byId('tokens').replaceChildren(
    ...(tokens.length === 0 ? [] : [element('h3', {}, 'The tokens')]),
    ...tokens.map(({ label, masked, claims }) =>
      element(
        'details',
        {},
        element('summary', {}, `${label} `, element('code', {}, masked)),
        ...(claims === undefined
          ? [element('p', { class: 'quiet' }, 'Opaque: there is nothing in it to read.')]
          : [element('dl', {}, ...entry('Some of its claims', block(pretty(claims))))]),
      ),
    ),
  )
}
