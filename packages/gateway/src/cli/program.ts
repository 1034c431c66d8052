import { availableParallelism } from 'node:os'
import { forkWorker } from '../cluster/fork.ts'
import { createPrimary } from '../cluster/primary.ts'
import type { GatewayConfig } from '../config/config.ts'
import { drain } from '../operate/drain.ts'
import type { Fleet } from '../operate/fleet.ts'
import { createLineLog, type LineLog } from '../operate/log.ts'
import { problemOf } from '../operate/problem.ts'
import { createReception } from '../operate/reception.ts'
import { configHash } from '../operate/redact.ts'
import { deferred } from '../operate/deferred.ts'
import { createSolo } from '../operate/solo.ts'
import { needsRestart } from '../reload/needs-restart.ts'
import { createReloader } from '../reload/reloader.ts'
import { watchFiles, type Watch } from '../reload/watch.ts'
import { createConfigFiles, type ConfigFiles } from './files.ts'

/** Who answers, not yet at work. */
type Idle = Fleet & { listen(): Promise<void> }

/** Runs until SIGTERM or SIGINT, and what is on the way is done; answers the exit status. */
export async function runProgram(path: string): Promise<number> {
  const ended = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve())
  })
  const files = createConfigFiles(path)
  const config = files.load()
  const log = createLineLog()
  const fleet = gather(config, log)
  const reloader = createReloader({
    takeOver: () => takeOver({ files, watch, begun: config, fleet, log }),
    onTaken: (why) => log.write({ event: 'reloaded', why, config: configHash(fleet.config) }),
    onFailed: (why, error) =>
      log.write({ event: 'reload-failed', why, problems: problemOf(error).split('\n') }),
  })
  const begun = deferred()
  const reload = (why: string): void => void begun.promise.then(() => reloader.reload(why))
  process.on('SIGHUP', () => reload('SIGHUP'))
  const watch = watchOver(files, reload, log)
  const reception = createReception(fleet, () => reloader)
  const finish = async (grace: number): Promise<void> => {
    await fleet.finish(grace)
    await reception.close()
  }
  try {
    // A signal that comes while it starts ends it too.
    await Promise.race([begin(config, fleet, reception.open, log), ended])
  } catch (error) {
    watch.close()
    await finish(0)
    throw error
  }
  begun.resolve()
  await ended
  watch.close()
  await drain(fleet.config.drain ?? {}, { turnAway: fleet.turnAway, finish }, log)
  return 0
}

const gather = (config: GatewayConfig, log: LineLog): Idle => {
  const { workers = 1 } = config
  const count = workers === 'auto' ? availableParallelism() : workers
  return count === 1
    ? createSolo(config, {}, log)
    : createPrimary({ config, count, log, fork: forkWorker })
}

async function begin(
  { admin }: GatewayConfig,
  fleet: Idle,
  openAdmin: (admin: NonNullable<GatewayConfig['admin']>) => Promise<string>,
  log: LineLog,
): Promise<void> {
  // The probes first: whoever starts us asks from the beginning.
  const adminAddress = admin && (await openAdmin(admin))
  await fleet.listen()
  log.write({
    event: 'listening',
    pid: process.pid,
    listen: fleet.addresses,
    admin: adminAddress,
    config: configHash(fleet.config),
  })
}

interface TakeOver {
  readonly files: ConfigFiles
  readonly watch: Watch
  readonly begun: GatewayConfig
  readonly fleet: Fleet
  readonly log: LineLog
}

async function takeOver({ files, watch, begun, fleet, log }: TakeOver): Promise<void> {
  const next = readAnew(files, watch)
  await fleet.reload(next)
  const restart = needsRestart(begun, next)
  if (restart.length > 0) log.write({ event: 'restart-needed', for: restart })
}

function readAnew(files: ConfigFiles, watch: Watch): GatewayConfig {
  try {
    return files.load()
  } finally {
    // Also where it fails: a file that is missing may come.
    watch.follow()
  }
}

const watchOver = (files: ConfigFiles, reload: (why: string) => void, log: LineLog): Watch =>
  watchFiles({
    read: files.read,
    onChange: () => reload('file'),
    onProblem: (folder, error) =>
      log.write({ event: 'not-watched', folder, problem: problemOf(error) }),
  })
