import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

// On Node.js: TypeScript 7 is a native program behind the same small script as its forerunners.
const compile = (compiler, cwd, args) =>
  new Promise((done) => {
    execFile(process.execPath, [compiler, ...args], { cwd }, (error, stdout, stderr) => {
      done({ failed: error !== null, output: `${stdout}${stderr}` })
    })
  })

const marked = (file) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line, at) => (line.includes('// wrong') ? [`${basename(file)}:${at + 1}`] : []))

// Errors inside the declarations of others (there are some) are not ours to judge.
const isOurs = (file) => !file.includes('node_modules/') || file.includes('@portcullis/')

const reported = (output) =>
  [...output.matchAll(/^([^\s(]+)\((\d+),\d+\): error TS.*$/gm)]
    .filter(([, file]) => isOurs(file))
    .map(([text, file, line]) => ({ place: `${basename(file)}:${line}`, text }))

const flags =
  '--noEmit --pretty false --strict --target es2023 --lib es2023 --types node --exactOptionalPropertyTypes --skipLibCheck false'

/**
 * Compiles programs together, the declarations of the packages included, and returns what is wrong: an
 * error on a line that is not marked `// wrong`, or none on one that is.
 */
export const judge = async (compiler, cwd, programs, resolution) => {
  const args = [...flags.split(' '), ...resolution, ...programs]
  const { failed, output } = await compile(compiler, cwd, args)
  if (failed && !output.includes('error TS')) return [`the compiler failed: ${output}`]
  const expected = new Set(programs.flatMap((program) => marked(join(cwd, program))))
  const found = reported(output)
  const places = new Set(found.map(({ place }) => place))
  return [
    ...found.filter(({ place }) => !expected.has(place)).map(({ text }) => text),
    ...[...expected]
      .filter((place) => !places.has(place))
      .map((place) => `${place} must not compile, but does`),
  ]
}
