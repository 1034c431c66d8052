import { inspect } from 'node:util'
import { vi } from 'vitest'

/** Collects what must stay secret, and what everybody can see. */
export interface LeakWatch {
  /** A `fetch` that learns every secret which passes between the application and its issuer. */
  readonly fetch: typeof globalThis.fetch
  readonly secret: (name: string, value: string | null | undefined) => void
  readonly shown: (where: string, what: unknown) => void
  /** Every secret that was shown, and where. */
  readonly leaks: () => readonly string[]
  /** The names of the secrets that it knows. */
  readonly known: () => readonly string[]
  /** The issuer answers posts with this error, and in it what it was sent. */
  readonly repeat: (status: number, error: string | undefined) => void
  readonly close: () => void
}

const inForms = ['code', 'code_verifier', 'refresh_token', 'client_secret', 'token']
const inAnswers = ['access_token', 'refresh_token', 'id_token']

export function watchLeaks(): LeakWatch {
  const secrets = new Map<string, string>()
  const seen: { readonly where: string; readonly text: string }[] = []
  let repeats: Repeats | undefined
  const secret: LeakWatch['secret'] = (name, value) => {
    // What is shorter stands in texts by chance.
    if (value && value.length >= 8) secrets.set(value, name)
  }
  const shown: LeakWatch['shown'] = (where, what) => {
    seen.push({ where, text: textOf(what) })
  }
  const spies = [
    ...(['log', 'info', 'warn', 'error', 'debug', 'trace'] as const).map((method) =>
      vi.spyOn(console, method).mockImplementation((...of) => shown('console', of)),
    ),
    vi.spyOn(process, 'emitWarning').mockImplementation((...of) => shown('warning', of)),
  ]
  return {
    secret,
    shown,
    known: () => [...secrets.values()].toSorted(),
    repeat: (status, error) => {
      repeats = error === undefined ? undefined : { status, error }
    },
    leaks: () => [
      ...new Set(
        seen.flatMap(({ where, text }) =>
          [...secrets].flatMap(([value, name]) =>
            text.includes(value) || text.includes(encodeURIComponent(value))
              ? [`${name} in ${where}`]
              : [],
          ),
        ),
      ),
    ],
    fetch: async (input, init) => {
      const { body } = init ?? {}
      const form = new URLSearchParams(body instanceof URLSearchParams ? body : '')
      for (const name of inForms) secret(name, form.get(name))
      const authorization = new Headers(init?.headers).get('authorization')
      secret('authorization', authorization?.split(' ')[1])
      if (repeats !== undefined && init?.method === 'POST') return repeated(repeats, form)
      const response = await fetch(input, init)
      const answer: unknown = await response
        .clone()
        .json()
        .catch(() => undefined)
      for (const name of inAnswers) {
        const value: unknown = Object(answer)[name]
        if (typeof value === 'string') secret(name, value)
      }
      return response
    },
    close: () => spies.forEach((spy) => spy.mockRestore()),
  }
}

interface Repeats {
  readonly status: number
  readonly error: string
}

function repeated({ status, error }: Repeats, form: URLSearchParams): Response {
  const sent = inForms.flatMap((name) => form.getAll(name))
  return Response.json({ error, error_description: `Invalid: ${sent.join(' ')}` }, { status })
}

/** As a log, a debugger and a serialiser would show it. */
const textOf = (what: unknown): string =>
  typeof what === 'string'
    ? what
    : [inspect(what, { depth: 10, maxStringLength: null }), asJson(what), ...errorsIn(what)].join(
        '\n',
      )

const asJson = (what: unknown): string => {
  try {
    return JSON.stringify(what) ?? ''
  } catch (error) {
    return String(error)
  }
}

function errorsIn(what: unknown, depth = 6): readonly string[] {
  if (depth === 0 || typeof what !== 'object' || what === null) return []
  const own = what instanceof Error ? [what.message, what.stack ?? ''] : []
  return [...own, ...Object.values(what), what instanceof Error ? what.cause : undefined].flatMap(
    (part) => (typeof part === 'string' ? [part] : errorsIn(part, depth - 1)),
  )
}
