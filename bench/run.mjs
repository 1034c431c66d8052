import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { readArguments } from './lib/arguments.mjs'
import { report } from './lib/report.mjs'

const all = [
  'verify',
  'hit',
  'refusals',
  'http',
  'issuer',
  'memory',
  'import',
  'session',
  'gateway',
]

const options = readArguments(process.argv.slice(2))
if (options.write && options.peersOnly) {
  throw new TypeError('--peers-only measures nothing of ours: there is no result to write')
}
const root = fileURLToPath(new URL('..', import.meta.url))
if (options.build)
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit' })

const wanted = options.suites.length === 0 ? all : options.suites
const unknown = wanted.filter((name) => !all.includes(name))
if (unknown.length > 0)
  throw new TypeError(`no such suite: ${unknown.join(', ')} (there are ${all.join(', ')})`)

const done = []
for (const name of wanted) {
  const suite = await import(`./suites/${name}.mjs`)
  const result = await suite.run(options)
  done.push({ name, ...result })
  process.stdout.write(
    `\n## ${result.title}\n\n${result.text}\n${result.losses.map((loss) => `\n- lost: ${loss}`).join('')}\n`,
  )
}

if (options.write) {
  const file = new URL('RESULTS.md', import.meta.url)
  writeFileSync(file, report(done, options))
  process.stdout.write(`\nWritten to ${fileURLToPath(file)}\n`)
}
