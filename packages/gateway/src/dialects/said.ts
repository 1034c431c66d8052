import type { HeaderField, Reply } from '@portcullis/core'
import type { Allowed, Refused, Unavailable } from '../check/answer.ts'

export const noBody: HeaderField = ['Content-Length', '0']

export const noStore: HeaderField = ['Cache-Control', 'no-store']

/** What goes with a request that may pass: for the upstream, for the client, and how long it holds. */
export const fieldsOf = (
  { identity, toClient, freshFor }: Allowed,
  freshness: (seconds: number) => HeaderField,
): HeaderField[] => [...identity, ...toClient, freshFor > 0 ? freshness(freshFor) : noStore]

/** The only word on caching that nginx is told to obey, in whole seconds. */
export const accelExpires = (seconds: number): HeaderField =>
  seconds < 1 ? noStore : ['X-Accel-Expires', String(Math.floor(seconds))]

/** For proxies that would make a 500 of a 400: a 403 that says what it was. */
export const refusedWithin403 = ({ status, headers }: Refused): Reply =>
  status === 400
    ? { status: 403, headers: [...headers, ['X-Portcullis-Status', '400'], noStore, noBody] }
    : { status, headers: [...headers, noStore, noBody] }

/** An outage without a body. */
export const emptyOutage = ({ retryAfter }: Unavailable): Reply => ({
  status: 503,
  headers: [after(retryAfter), noStore, noBody],
})

/** For proxies that relay a denial whole: its own status, and a body with the error code alone. */
export const refusedAloud = ({ status, headers }: Refused): Reply =>
  aloud(status, errorOf(status, headers), headers)

/** An outage for proxies that relay it whole. */
export const outageAloud = ({ retryAfter }: Unavailable): Reply =>
  aloud(503, 'temporarily_unavailable', [after(retryAfter)])

// RFC 9110 §10.2.3: whole seconds.
const after = (seconds: number): HeaderField => [
  'Retry-After',
  String(Math.max(1, Math.ceil(seconds))),
]

function aloud(status: number, error: string, headers: readonly HeaderField[]): Reply {
  const body = `{"error":"${error}"}`
  return {
    status,
    headers: [
      ...headers,
      ['Content-Type', 'application/json'],
      noStore,
      ['Content-Length', String(body.length)],
    ],
    body,
  }
}

const plainErrors: Readonly<Record<Refused['status'], string>> = {
  400: 'invalid_request',
  401: 'unauthorized',
  403: 'forbidden',
}

// What the challenge says is all that a client may know.
function errorOf(status: Refused['status'], headers: readonly HeaderField[]): string {
  const challenge = headers.find(([name]) => name.toLowerCase() === 'www-authenticate')
  return /[ ,]error="([a-z_]+)"/.exec(challenge?.[1] ?? '')?.[1] ?? plainErrors[status]
}
