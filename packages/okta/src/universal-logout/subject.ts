import { asked, ConfigurationError, Refusal, type HttpRequest } from '@portcullis/core'
import { recordOf, textOf } from '../authn/json.ts'
import type { Settings } from './options.ts'
import { refused } from './refused.ts'

type Named = { readonly email: string } | { readonly issuer: string; readonly sub: string }

/** Whose sessions a call ends, by `sub`. Throws where nobody can be named, or nobody is known. */
export async function subjectsOf(
  request: HttpRequest,
  settings: Settings,
  issuers: ReadonlySet<string>,
): Promise<readonly string[]> {
  const named = readSubject(await bodyOf(request))
  const subs = 'email' in named ? await ownersOf(named.email, settings) : ownerOf(named, issuers)
  const { isKnown = () => true } = settings
  const answers = await Promise.all(subs.map((sub) => asked('isKnown', async () => isKnown(sub))))
  const known = subs.filter((_, index) => answers[index])
  if (known.length === 0) throw refused('unknown', 'nobody knows the user that it names')
  return known
}

async function bodyOf(request: HttpRequest): Promise<unknown> {
  if (request.json === undefined) {
    throw new ConfigurationError('universalLogout needs an adapter that reads JSON')
  }
  return request.json().catch((error: unknown) => {
    throw Refusal.is(error) ? refused('body', 'its body is no JSON, or too large', error) : error
  })
}

// RFC 9493: a subject identifier holds the members of its format, and the format says which.
function readSubject(body: unknown): Named {
  const { sub_id: id, subject } = recordOf(body) ?? {}
  // `subject` in earlier drafts of the call, and in Okta's guide of that time.
  const { format, email, iss, sub } = recordOf(id ?? subject) ?? {}
  const [address, issuer, name] = [textOf(email), textOf(iss), textOf(sub)]
  if (format === 'email' && address !== undefined) return { email: address }
  if (format === 'iss_sub' && issuer !== undefined && name !== undefined) {
    return { issuer, sub: name }
  }
  throw refused('body', 'its sub_id is missing, incomplete, or of another format')
}

async function ownersOf(email: string, { subjectOf }: Settings): Promise<readonly string[]> {
  if (subjectOf === undefined) {
    throw refused('body', 'it names its user by email, and universalLogout has no subjectOf')
  }
  return [(await asked('subjectOf', async () => subjectOf(email))) ?? []].flat()
}

const ownerOf = (
  { issuer, sub }: { readonly issuer: string; readonly sub: string },
  issuers: ReadonlySet<string>,
): readonly string[] => (issuers.has(issuer) ? [sub] : [])
