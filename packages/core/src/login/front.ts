import { ConfigurationError } from '../errors/configuration.ts'
import type { Base } from './base.ts'
import type { LoginOptions } from './options.ts'
import { formPost, query, type ResponseMode } from './response-mode.ts'

/** How answers come back, checked against what they hold. */
export function responseModeOf(options: LoginOptions, bases: readonly Base[]): ResponseMode {
  const { responseType = 'code', legacyAccessTokenInBrowser } = options
  const mode = options.responseMode ?? (responseType === 'code' ? query : formPost)
  if (responseType !== 'code' && !mode.posts) {
    throw new ConfigurationError(
      `login.responseType '${responseType}' must come by a form: its tokens would stand in URLs, histories and logs`,
    )
  }
  if (responseType.split(' ').includes('token') && legacyAccessTokenInBrowser !== true) {
    throw new ConfigurationError(
      `login.responseType '${responseType}' sends an access token through the browser, where it can be stolen and swapped: set legacyAccessTokenInBrowser to accept that`,
    )
  }
  if (mode.posts && bases.some(({ secure }) => !secure)) {
    throw new ConfigurationError(
      'login.responseMode form_post needs an https baseUrl: browsers send our cookie with a posted answer only where it is SameSite=None and Secure',
    )
  }
  return mode
}
