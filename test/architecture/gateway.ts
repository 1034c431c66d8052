import { neighboursOf, type Source } from './sources.ts'

// What each folder of the gateway may use; the files beside the folders put them together.
const arrows: Readonly<Record<string, readonly string[]>> = {
  // What is decided. It knows neither sockets nor gateways.
  routing: [],
  check: ['routing'],
  // A configuration is checked in the words of those it is for.
  config: ['routing', 'verify', 'identity'],
  verify: ['config'],
  identity: ['config', 'routing'],
  redis: ['config', 'check'],
  snippet: ['config'],
  // How it is asked.
  dialects: ['check', 'listen', 'identity'],
  listen: ['check', 'config', 'dialects'],
  lambda: ['check', 'config', 'dialects', 'identity', 'routing'],
  // How it runs.
  operate: ['check', 'config', 'identity', 'listen'],
  reload: ['config'],
  cluster: ['config', 'identity', 'listen', 'operate'],
  cli: ['cluster', 'config', 'operate', 'reload', 'snippet'],
}

// They are meant to be used from the folders too.
const joints = ['compiled.ts', 'compile.ts', 'listeners.ts']

const folderOf = (path: string): string => path.split('/')[0] ?? ''

const mayUse = (from: string, to: string): boolean =>
  !from.includes('/') ||
  joints.includes(to) ||
  folderOf(from) === folderOf(to) ||
  (arrows[folderOf(from)]?.includes(folderOf(to)) ?? false)

/** Imports inside the gateway that go against the arrows, and folders that have none. */
export const againstTheGateway = (gateway: readonly Source[]): readonly string[] =>
  gateway.flatMap((source) => [
    ...neighboursOf(source)
      .filter((target) => !mayUse(source.path, target))
      .map((target) => `${source.path} imports ${target}`),
    ...(source.path.includes('/') && !(folderOf(source.path) in arrows)
      ? [`${source.path} is in a folder without arrows`]
      : []),
  ])
