// Runs the unit and contract suites on every line of Node.js that we support, with the exact versions
// below. The running Node.js stands for its own line; the others come as packages from the registry.
// Express 4 and 5, Koa 2 and 3 are all inside the contract suite. With --others the running line is left
// out: for whoever has just run `npm test` with it.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const versions = ['20.20.2', '22.23.3', '24.21.0']
const platforms = ['linux-x64', 'linux-arm64']
const platform = `${process.platform}-${process.arch}`
const major = (version) => version.split('.')[0]

const fetched = (version) => {
  const folder = join('node_modules', '.cache', 'portcullis-node', version)
  const binary = join(folder, 'node_modules', `node-${platform}`, 'bin', 'node')
  if (!existsSync(binary)) {
    const name = `node-${platform}@${version}`
    const { status } = spawnSync('npm', ['install', '--no-save', '--prefix', folder, name], {
      stdio: 'inherit',
    })
    if (status !== 0) throw new Error(`${name} could not be installed`)
  }
  return binary
}

const reports = (binary) =>
  spawnSync(binary, ['--version'], { encoding: 'utf8' }).stdout?.trim() ?? 'nothing'

const test = (binary) =>
  spawnSync(
    binary,
    ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', '--project', 'contract'],
    { stdio: 'inherit' },
  ).status

const isCurrent = (version) => major(version) === major(process.versions.node)
const others = process.argv.includes('--others')

const outcomes = versions.map((wanted) => {
  const current = isCurrent(wanted)
  if (current && others) return { version: process.versions.node, outcome: 'tested elsewhere' }
  const version = current ? process.versions.node : wanted
  if (!current && !platforms.includes(platform)) {
    return { version, outcome: `skipped: there is no package of Node.js for ${platform}` }
  }
  console.log(`\nNode.js ${version}`)
  const binary = current ? process.execPath : fetched(version)
  if (reports(binary) !== `v${version}`) {
    return { version, outcome: `FAIL: the binary says ${reports(binary)}` }
  }
  return { version, outcome: test(binary) === 0 ? 'ok' : 'FAIL' }
})

console.log('')
for (const { version, outcome } of outcomes) console.log(`Node.js ${version}: ${outcome}`)
process.exitCode = outcomes.some(({ outcome }) => outcome.startsWith('FAIL')) ? 1 : 0
