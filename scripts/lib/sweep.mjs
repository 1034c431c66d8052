import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'

const built = /\.(js|d\.ts)(\.map)?$/

/**
 * Removes from every `dist` what no source makes any more, and returns the names: `tsc --build` never
 * deletes, and a tarball would carry the leftovers.
 */
export const sweep = (packages) =>
  readdirSync(packages)
    .filter((name) => existsSync(join(packages, name, 'dist')))
    .flatMap((name) => {
      const dist = join(packages, name, 'dist')
      return readdirSync(dist, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && built.test(entry.name))
        .map((entry) => join(entry.parentPath, entry.name))
        .filter((file) => {
          const source = join(packages, name, 'src', relative(dist, file).replace(built, '.ts'))
          return !existsSync(source) || source.endsWith('.test.ts')
        })
    })
    .map((file) => {
      rmSync(file)
      return file
    })
