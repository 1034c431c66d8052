// Puts the modules of the core together: Node.js takes a third of a millisecond for each file it loads,
// and an application imports them all, whether it guards, signs people in, or both.
import { rmSync } from 'node:fs'
import { build } from 'esbuild'

const core = 'packages/core'
rmSync(`${core}/bundle`, { recursive: true, force: true })
await build({
  entryPoints: [`${core}/dist/index.js`, `${core}/dist/node.js`],
  outdir: `${core}/bundle`,
  bundle: true,
  splitting: true,
  chunkNames: 'chunk-[hash]',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  sourcemap: true,
  logLevel: 'warning',
})
