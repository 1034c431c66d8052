import { randomBytes } from 'node:crypto'

/** What a user has consented to. */
export interface Granted {
  readonly redirectUri: string
  readonly challenge: string | undefined
  readonly nonce: string | undefined
  readonly scope: string
  readonly acr: string | undefined
  readonly audience: string | undefined
  readonly sid: string
  /** Epoch seconds. */
  readonly authTime: number
}

/** Codes, tokens and pushed requests: each good once, and reuse ends all that came of it. */
export interface Grants {
  readonly issueCode: (granted: Granted) => string
  readonly takeCode: (code: string) => Granted | undefined
  readonly issueRefresh: (granted: Granted) => string
  /** Gives what was granted, and forgets the token where it rotates. */
  readonly takeRefresh: (token: string, rotates: boolean) => Granted | undefined
  readonly issueAccess: (granted: Granted) => string
  readonly noteAccess: (token: string, granted: Granted) => void
  readonly findAccess: (token: string) => Granted | undefined
  readonly revoke: (token: string) => void
  readonly push: (parameters: URLSearchParams) => string
  readonly takePushed: (uri: string) => URLSearchParams | undefined
}

export function createGrants(): Grants {
  const codes = new Map<string, Granted>()
  const usedCodes = new Map<string, Granted>()
  const refresh = new Map<string, Granted>()
  const usedRefresh = new Map<string, Granted>()
  const access = new Map<string, Granted>()
  const pushed = new Map<string, URLSearchParams>()

  // RFC 9700 §4.14.2: who brings a used one may be a thief, so nobody keeps anything.
  const endAll = (granted: Granted | undefined): undefined => {
    for (const tokens of [refresh, access]) {
      for (const [token, of] of tokens) if (of === granted) tokens.delete(token)
    }
    return undefined
  }
  const issue =
    (tokens: Map<string, Granted>, prefix: string) =>
    (granted: Granted): string => {
      const token = `${prefix}-${randomBytes(24).toString('base64url')}`
      tokens.set(token, granted)
      return token
    }
  const take = (good: Map<string, Granted>, used: Map<string, Granted>, token: string) => {
    const granted = good.get(token)
    if (granted === undefined) return endAll(used.get(token))
    good.delete(token)
    used.set(token, granted)
    return granted
  }
  return {
    issueCode: issue(codes, 'code'),
    takeCode: (code) => take(codes, usedCodes, code),
    issueRefresh: issue(refresh, 'refresh'),
    takeRefresh: (token, rotates) =>
      rotates || !refresh.has(token) ? take(refresh, usedRefresh, token) : refresh.get(token),
    issueAccess: issue(access, 'access'),
    noteAccess: (token, granted) => access.set(token, granted),
    findAccess: (token) => access.get(token),
    revoke: (token) => {
      endAll(refresh.get(token))
      access.delete(token)
    },
    push: (parameters) => {
      const uri = `urn:ietf:params:oauth:request_uri:${randomBytes(16).toString('base64url')}`
      pushed.set(uri, parameters)
      return uri
    },
    takePushed: (uri) => {
      const parameters = pushed.get(uri)
      pushed.delete(uri)
      return parameters
    },
  }
}
