import { ConfigurationError } from '@portcullis/core'
import { checkIdentity } from '../identity/options.ts'
import type { AdminConfig, IdentityConfig, InternalTokenConfig, RedisConfig } from './config.ts'
import { checkRoutes } from './route-meaning.ts'
import type { Tell } from './shape.ts'
import { repeated, type Sound } from './sound.ts'

/** What is wrong although every part is right by itself. Only parts that are right are looked at. */
export function checkMeaning(sound: Sound, tell: Tell): void {
  checkPlaces(sound, tell)
  for (const { at, of } of repeated(sound.each<string>('issuers', 'id'), (id) => id)) {
    tell({ path: ['issuers', at, 'id'], message: `is that of issuers[${of}] already` })
  }
  checkRoutes(sound, tell)
  checkCaller(sound, tell)
  checkRedis(sound, tell)
}

function checkPlaces(sound: Sound, tell: Tell): void {
  const admin = sound.at<AdminConfig>('admin')
  const places = [...sound.each<AdminConfig>('listen'), ...(admin ? [{ at: -1, held: admin }] : [])]
  for (const { at, of } of repeated(places, placeOf)) {
    const path = at === -1 ? ['admin'] : ['listen', at]
    tell({ path, message: `has the address of listen[${of}]` })
  }
}

// Port 0 is another one each time.
const placeOf = ({ tcp, unix }: AdminConfig): string | undefined =>
  tcp?.endsWith(':0') === true ? undefined : (tcp ?? unix)

/** Asks those who know: what these members may say is written down there. */
function checkCaller(sound: Sound, tell: Tell): void {
  const token = sound.at<InternalTokenConfig>('identity', 'token')
  const headers = sound.at<Readonly<Record<string, string>>>('identity', 'headers') ?? {}
  let isSound = true
  const spoil: Tell = (problem) => {
    isSound = false
    tell(problem)
  }
  if (token !== undefined) askIdentity({ token }, ['identity', 'token'], spoil)
  for (const [name, claim] of Object.entries(headers)) {
    const atName: Tell = (problem) => spoil({ ...problem, atName: true })
    askIdentity({ headers: { [name]: claim } }, ['identity', 'headers', name], atName)
  }
  if (isSound) askIdentity({ ...(token && { token }), headers }, ['identity'], tell)
}

function askIdentity(part: IdentityConfig, path: readonly string[], tell: Tell): void {
  try {
    checkIdentity(part)
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    const { member, message } = said(error.message, path.join('.'))
    tell({ path: [...path, ...member], message })
  }
}

// Their messages begin with the path: `identity.token.header must be …`.
function said(
  message: string,
  path: string,
): { readonly member: readonly string[]; readonly message: string } {
  if (!message.startsWith(path)) return { member: [], message }
  const rest = message.slice(path.length)
  const [, inner, words] = /^\.(\w+) (.*)$/s.exec(rest) ?? []
  return inner === undefined || words === undefined
    ? { member: [], message: rest.trimStart() }
    : { member: [inner], message: words }
}

function checkRedis(sound: Sound, tell: Tell): void {
  const use = sound.at<RedisConfig['use']>('redis', 'use')
  if (use?.includes('introspection') !== true || sound.at('issuers') === undefined) return
  if (sound.issuers.some(({ held }) => held.introspection?.cache !== undefined)) return
  const message = 'shares what introspection.cache of an issuer remembers, and no issuer has one'
  tell({ path: ['redis', 'use'], message })
}
