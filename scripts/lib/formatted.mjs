import { spawnSync } from 'node:child_process'

/** A text as the formatter would leave it in the file. */
export const formatted = (file, text) => {
  const { status, stdout, stderr } = spawnSync(
    'node_modules/.bin/oxfmt',
    ['--stdin-filepath', file],
    { input: text, encoding: 'utf8', shell: process.platform === 'win32' },
  )
  if (status !== 0) throw new Error(`oxfmt failed: ${stderr}`)
  return stdout
}
