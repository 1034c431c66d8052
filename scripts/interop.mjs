// The suites that drive programs other than Node.js. `npm test` runs them too, but reports as skipped
// what the machine lacks; here a missing program is a failure.
import { spawnSync } from 'node:child_process'

const { status } = spawnSync(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', '--project', 'interop', ...process.argv.slice(2)],
  { stdio: 'inherit', env: { ...process.env, PORTCULLIS_INTEROP: '1' } },
)
process.exitCode = status ?? 1
