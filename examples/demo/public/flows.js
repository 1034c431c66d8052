import { ask, byId, element } from './dom.js'
import { showPhone, startPhone } from './phone.js'
import { showRun } from './run.js'

const pause = 600
const groups = new Map()
let setup

const chosen = () => document.querySelector('input[name=person]:checked').value

/** Runs something that asks the back end; a failure is said on the page. */
async function guarded(act) {
  const error = byId('error')
  try {
    await act()
    error.hidden = true
  } catch (failure) {
    error.textContent = `The demo does not answer: ${failure.message}`
    error.hidden = false
  }
}

function showPeople({ people }) {
  byId('people').append(
    ...people.map(({ name, login }, index) => {
      const radio = element('input', { type: 'radio', name: 'person', value: name, id: name })
      radio.checked = index === 0
      return element('label', { for: name }, radio, login)
    }),
  )
  byId('people').addEventListener('change', () => guarded(look))
}

function showList({ flows }) {
  for (const flow of flows) {
    const legacy = flow.isLegacy ? [' ', element('span', { class: 'badge refused' }, 'legacy')] : []
    const attributes = { type: 'button', class: 'plain', id: `flow-${flow.id}` }
    const button = element('button', attributes, flow.title, ...legacy)
    button.addEventListener('click', () => guarded(() => start(flow)))
    groupOf(flow.group).append(element('li', {}, button))
  }
}

function groupOf(name) {
  if (!groups.has(name)) {
    const list = element('ul', {})
    byId('list').append(element('h3', {}, name), list)
    groups.set(name, list)
  }
  return groups.get(name)
}

async function start({ id }) {
  show(await ask('flows/start', { flow: id, user: chosen() }))
  const { top } = byId('run-title').getBoundingClientRect()
  if (top < 0 || top > innerHeight / 2) byId('run-title').scrollIntoView()
  await look()
}

const answer = (wish, value) =>
  guarded(async () => show(await ask('flows/answer', { wish, value })))

function show(run) {
  const flow = setup.flows.find(({ id }) => id === run.flow)
  if (flow !== undefined) showRun(run, flow, answer)
  for (const { id } of setup.flows) {
    const isCurrent = id === run.flow
    const button = byId(`flow-${id}`)
    if (isCurrent) button.setAttribute('aria-current', 'true')
    else button.removeAttribute('aria-current')
  }
}

async function look() {
  const [run, phone] = await Promise.all([ask('flows/run'), ask('phone', { user: chosen() })])
  show(run)
  showPhone(phone, run)
}

/** Looks again and again, because a flow goes on without this page. */
async function watch() {
  await guarded(look)
  setTimeout(watch, document.hidden ? pause * 5 : pause)
}

await guarded(async () => {
  setup = await ask('flows')
  showPeople(setup)
  showList(setup)
  const { user } = await ask('flows/run')
  if (user !== undefined) byId(user).checked = true
  startPhone(chosen, guarded, look)
  byId('stop').addEventListener('click', () =>
    guarded(async () => show(await ask('flows/stop', {}))),
  )
  await watch()
})
