/**
 * What the guards decided, by request id. In an application this would be the log; here the page reads
 * it, so that a person sees both sides of a refusal.
 */
export function createJournal(say) {
  const entries = new Map()

  const keep = (id, entry) => {
    if (entries.size >= 1000) entries.delete(entries.keys().next().value)
    entries.set(id, entry)
  }

  return {
    /** The `observe` option of a guard. */
    observer: (api) => (event) => {
      const entry = describe(event)
      keep(event.request.header('x-request-id'), entry)
      const { method, url } = event.request
      say(`${api.padEnd(7)} ${method} ${new URL(url).pathname.padEnd(9)} ${line(entry)}`)
    },
    /** What was decided on a request, once. */
    take: (id) => {
      const entry = entries.get(id)
      entries.delete(id)
      return entry
    },
  }
}

function describe({ type, principal, refusal, outage }) {
  if (type === 'granted') return { verdict: 'granted', principal }
  if (type === 'outage') return { verdict: 'outage', code: outage.code, reason: outage.message }
  const { code, reason, trail } = refusal
  return { verdict: 'refused', code, reason, trail }
}

const line = ({ verdict, principal, code, reason }) =>
  verdict === 'granted'
    ? `granted  ${principal?.client ?? 'an anonymous request'}`
    : `${verdict}  ${code}: ${reason}`
