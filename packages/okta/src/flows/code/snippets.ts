import { direct, directOne, directTwo, interaction } from './embedded.ts'
import {
  ciba,
  device,
  exchange,
  jwtBearer,
  machine,
  management,
  password,
  refresh,
  samlBearer,
} from './grants.ts'
import { authn, browser, implicit, native, twoClients, web } from './logins.ts'
import type { Snippet } from './parts.ts'

/** Code to start from. */
export type SnippetName =
  | 'authn'
  | 'browser'
  | 'ciba'
  | 'device'
  | 'direct'
  | 'directOne'
  | 'directTwo'
  | 'exchange'
  | 'implicit'
  | 'interaction'
  | 'jwtBearer'
  | 'machine'
  | 'management'
  | 'native'
  | 'password'
  | 'refresh'
  | 'samlBearer'
  | 'twoClients'
  | 'web'

/** All of it, by name. */
export const snippets: Readonly<Record<SnippetName, Snippet>> = {
  authn,
  browser,
  ciba,
  device,
  direct,
  directOne,
  directTwo,
  exchange,
  implicit,
  interaction,
  jwtBearer,
  machine,
  management,
  native,
  password,
  refresh,
  samlBearer,
  twoClients,
  web,
}
