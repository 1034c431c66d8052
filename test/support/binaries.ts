import { accessSync, constants } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const permits =
  (mode: number) =>
  (path: string): boolean => {
    try {
      accessSync(path, mode)
      return true
    } catch {
      return false
    }
  }
const isProgram = permits(constants.X_OK)
const isFile = permits(constants.R_OK)

// Debian keeps some servers where only root looks; the last is where scripts/gateways.mjs puts its own.
const folders = [
  ...(process.env['PATH'] ?? '').split(delimiter),
  '/usr/sbin',
  '/usr/local/sbin',
  resolve('node_modules/.cache/portcullis-programs'),
]

// No package of Debian's has them, and not every machine reaches the registry that does.
const neverDemanded = ['envoy', 'traefik']

/** Where a program is installed, or a module of one, which is named by its whole path. */
export const findBinary = (name: string): string | undefined =>
  name.startsWith('/')
    ? [name].find(isFile)
    : folders
        .filter((folder) => folder !== '')
        .map((folder) => join(folder, name))
        .find(isProgram)

/**
 * Describes what needs programs that not every machine has. Where one is missing the whole block is
 * reported as skipped, by the name of what is missing; under `npm run test:interop` it fails instead.
 * `body` gets the paths of the programs, in the order of their names.
 */
export const describeWith = (
  names: readonly string[],
  title: string,
  body: (...paths: readonly string[]) => void,
): void => {
  const found = names.map((name) => ({ name, path: findBinary(name) }))
  const missing = found.filter(({ path }) => path === undefined).map(({ name }) => name)
  const demanded =
    process.env['PORTCULLIS_INTEROP'] === '1' &&
    !missing.every((name) => neverDemanded.includes(name))
  if (missing.length === 0) {
    describe(title, () => {
      body(...found.map(({ path }) => path ?? ''))
    })
    return
  }
  const reason = `${missing.join(' and ')} not installed`
  describe.skipIf(!demanded)(`${title} (${reason})`, () => {
    it('finds the programs it needs', () => {
      expect(missing).toEqual([])
    })
  })
}
