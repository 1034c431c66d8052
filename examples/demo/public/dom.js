/** Makes an element. Text goes in as text, so nothing that a server says can become markup. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) made.setAttribute(key, value)
  }
  made.append(...children)
  return made
}

export const byId = (id) => document.getElementById(id)

/** A term and its value in a list; nothing where there is no value. */
export const entry = (term, value) =>
  value === undefined || value === ''
    ? []
    : [element('dt', {}, term), element('dd', {}, value instanceof Node ? value : String(value))]

export const block = (text) => element('pre', { tabindex: '0' }, text)

export const pretty = (value) => JSON.stringify(value, undefined, 2)

/** Asks the page's own back end. */
export async function ask(path, body) {
  const posted = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }
  const response = await fetch(path, body === undefined ? {} : posted)
  const answer = await response.json()
  if (!response.ok) throw new Error(answer.error)
  return answer
}
