import type { GatewayConfig } from '../config/config.ts'

/**
 * What a new configuration says that only a restart can change. The program
 * goes on with what it has, and says so.
 */
export function needsRestart(old: GatewayConfig, next: GatewayConfig): readonly string[] {
  const settled = (config: GatewayConfig): Readonly<Record<string, unknown>> => ({
    listen: config.listen,
    admin: config.admin,
    workers: config.workers,
    'identity.token.rotateEvery': config.identity?.token?.rotateEvery,
  })
  const now = settled(next)
  return Object.entries(settled(old))
    .filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(now[name]))
    .map(([name]) => name)
}
