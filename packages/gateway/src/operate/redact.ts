import { createHash } from 'node:crypto'
import type { GatewayConfig } from '../config/config.ts'

const redacted = '(redacted)'
const secretNames: ReadonlySet<string> = new Set(['secret', 'privateKey', 'keys'])

/** A configuration as it may be shown: without secrets, private keys and the user information of addresses. */
export const redact = (config: GatewayConfig): unknown => shown(config, '')

function shown(value: unknown, name: string): unknown {
  if (secretNames.has(name)) return redacted
  if (Array.isArray(value)) return value.map((item) => shown(item, ''))
  if (typeof value === 'string') return withoutUser(value)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shown(inner, key)]))
}

function withoutUser(value: string): string {
  if (!value.includes('://') || !URL.canParse(value)) return value
  const url = new URL(value)
  if (url.username + url.password + url.search === '') return value
  url.username = ''
  url.password = ''
  url.search = ''
  return url.href
}

/** Tells configurations apart without giving anything of them away. */
export const configHash = (config: GatewayConfig): string =>
  createHash('sha256')
    .update(JSON.stringify(redact(config)))
    .digest('hex')
    .slice(0, 12)
