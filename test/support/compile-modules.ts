import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const root = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)

const settings = {
  extends: '../../../tsconfig.base.json',
  compilerOptions: { noEmit: true, noUnusedLocals: false, noUnusedParameters: false },
  include: ['*.ts', '../../../packages/*/src/**/*.d.ts'],
  exclude: [],
}

/**
 * Compiles modules against the packages, and gives what the compiler said. The folder must be one below
 * `node_modules/.cache`; `ambient` is declared for all of them.
 */
export const compileModules = async (
  folder: string,
  modules: ReadonlyMap<string, string>,
  ambient = '',
): Promise<string> => {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings))
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  writeFileSync(join(folder, 'ambient.d.ts'), ambient)
  for (const [name, code] of modules)
    writeFileSync(join(folder, `${name}.ts`), `${code}\nexport {}\n`)
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  return run(process.execPath, [tsc, '-p', folder, '--pretty', 'false']).then(
    () => '',
    ({ stdout }: { stdout: string }) => stdout,
  )
}
