import { formPostPage, postMessagePage } from '../pages.ts'
import { oauthError, type Answer } from '../wire.ts'

export type ResponseMode = 'query' | 'fragment' | 'form_post' | 'okta_post_message'

const modes = new Set(['query', 'fragment', 'form_post', 'okta_post_message'])

const isFront = (types: Iterable<string>): boolean =>
  [...types].some((type) => type === 'token' || type === 'id_token')

const asked = (parameters: URLSearchParams): ResponseMode | undefined => {
  const mode = parameters.get('response_mode') ?? ''
  // It is one of the four.
  return modes.has(mode) ? (mode as ResponseMode) : undefined
}

/** Where an error goes when the request is too broken to tell. */
export function defaultMode(parameters: URLSearchParams): ResponseMode {
  const types = (parameters.get('response_type') ?? '').split(' ')
  const usual = isFront(types) ? 'fragment' : 'query'
  const mode = asked(parameters) ?? usual
  return mode === 'query' ? usual : mode
}

export function readMode(parameters: URLSearchParams, types: ReadonlySet<string>): ResponseMode {
  const mode = asked(parameters)
  if (mode === undefined && parameters.has('response_mode')) {
    throw oauthError(400, 'unsupported_response_mode', 'The response mode is not supported.')
  }
  if (mode === 'query' && isFront(types)) {
    throw oauthError(
      400,
      'unsupported_response_mode',
      "'query' response mode cannot be used with either the 'id_token' or 'token' response types.",
    )
  }
  return mode ?? (isFront(types) ? 'fragment' : 'query')
}

/** Sends the fields to the client's redirect URI in its way. */
export function deliver(
  { redirectUri, mode }: { readonly redirectUri: string; readonly mode: ResponseMode },
  fields: Readonly<Record<string, string>>,
): Answer {
  if (mode === 'form_post') return page(formPostPage(redirectUri, fields))
  if (mode === 'okta_post_message') {
    return page(postMessagePage(new URL(redirectUri).origin, fields))
  }
  const url = new URL(redirectUri)
  if (mode === 'fragment') url.hash = new URLSearchParams(fields).toString()
  else for (const [name, value] of Object.entries(fields)) url.searchParams.append(name, value)
  return { status: 302, headers: { Location: url.href, 'Referrer-Policy': 'no-referrer' } }
}

const page = (body: string): Answer => ({
  status: 200,
  headers: { 'Cache-Control': 'no-cache, no-store' },
  body,
})
