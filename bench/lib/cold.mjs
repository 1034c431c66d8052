import { call, withApi } from './api.mjs'

/** 500 requests at once, before anything is known of the issuer. */
export const coldStart = async (subject) => [
  await withApi(subject, async ({ issuer, port }) => {
    const tokens = Array.from({ length: 500 }, () => issuer.first.token())
    const answers = await Promise.all(tokens.map((token) => call(port, token)))
    const granted = answers.filter(({ status }) => status === 200).length
    const { discovery, jwks } = issuer.counts
    return {
      subject,
      cells: { granted, discovery, jwks },
      reached: granted === 500 && discovery === 1 && jwks === 1,
    }
  }),
]

/** The first request while the issuer takes the connection and says nothing, or stops half-way. */
export async function hanging(subject) {
  const rows = []
  for (const what of ['discovery', 'jwks', 'jwks body']) {
    rows.push(
      await withApi(subject, async ({ issuer, port }) => {
        issuer.hang(what)
        const { status, retryAfter, took } = await call(port, issuer.first.token())
        return {
          subject,
          cells: { hangs: what, status, 'Retry-After': retryAfter ?? '-', seconds: took },
          // A timer of exactly 5 s is within 5 s; the rest is the machine's.
          reached: status === 503 && took < 5.25,
        }
      }),
    )
  }
  return rows
}
