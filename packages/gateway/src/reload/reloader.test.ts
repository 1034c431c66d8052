import { expect, test } from 'vitest'
import { createReloader } from './reloader.ts'
import { needsRestart } from './needs-restart.ts'
import type { GatewayConfig } from '../config/config.ts'

test('does one reload at a time, and one more for all that came meanwhile', async () => {
  const log: string[] = []
  let release: () => void = () => undefined
  const reloader = createReloader({
    takeOver: () =>
      new Promise((resolve) => {
        log.push('begun')
        release = resolve
      }),
    onTaken: (why) => void log.push(`taken ${why}`),
    onFailed: () => void log.push('failed'),
  })
  const done = reloader.reload('SIGHUP')
  void reloader.reload('file')
  void reloader.reload('file')
  expect(log).toEqual(['begun'])
  release()
  await new Promise((resolve) => void setImmediate(resolve))
  release()
  await done
  expect(log).toEqual(['begun', 'taken SIGHUP', 'begun', 'taken file'])
  expect([reloader.taken, reloader.failed]).toEqual([2, 0])
})

test('tells of a failure, counts it, and is ready for the next', async () => {
  let broken = true
  const told: unknown[] = []
  const reloader = createReloader({
    takeOver: () => (broken ? Promise.reject(new Error('line 3')) : Promise.resolve()),
    onTaken: (why) => void told.push(why),
    onFailed: (_, error) => void told.push((error as Error).message),
  })
  await reloader.reload('file')
  broken = false
  await reloader.reload('file')
  expect([told, reloader.taken, reloader.failed]).toEqual([['line 3', 'file'], 1, 1])
})

test('names what only a restart can change', () => {
  const config: GatewayConfig = {
    listen: [{ dialect: 'nginx', tcp: 'a:1' }],
    issuers: [],
    routes: [],
  }
  expect(needsRestart(config, { ...config, realm: 'x' })).toEqual([])
  expect(
    needsRestart(config, { ...config, listen: [{ dialect: 'nginx', tcp: 'a:2' }], workers: 2 }),
  ).toEqual(['listen', 'workers'])
})
