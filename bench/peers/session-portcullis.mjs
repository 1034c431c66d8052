import { createGuard, createLogin, sealedSessions } from '@portcullis/core'
import { optionalPrincipal, protect } from '@portcullis/express'
import { issuer } from '../lib/tokens.mjs'

const ours = 'Portcullis, sealed'

const name = 'portcullis-0123456789abcdef'
const keep = ['idToken', 'accessToken', 'refreshToken']

const sessions = (cache = {}) =>
  sealedSessions({
    secrets: ['a secret of the benchmark, of 40 characters'],
    cache,
    cookie: { name },
    keep,
  })

/** The vault of sealed sessions; it remembers nothing, so that every cookie is deciphered. */
export const vault = () =>
  sessions(false).open(
    { name, path: '/', domain: undefined, secure: false, sameSite: 'Lax', persistent: true },
    { large: () => undefined },
  )

/** The same shape as the peers have: a guard whose login nobody has to go through. */
export const portcullis = {
  name: ours,
  middleware: () => {
    const login = createLogin({
      issuer,
      client: { id: '0oa9z8y7x6w5v4u3t2s1' },
      baseUrl: 'http://localhost:3000',
      sessions: sessions(),
    })
    return protect(createGuard({ login }).optional())
  },
  signIn: (_req, res, content) => {
    for (const [field, value] of vault().create(content, 604_800, '')) res.append(field, value)
  },
  isSignedIn: (req) => optionalPrincipal(req) !== undefined,
}
