import { spawn } from 'node:child_process'
import { accessSync, constants, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']

/** Where nginx is installed, if it is; NGINX=none does without. */
export const findNginx = () =>
  process.env['NGINX'] === 'none'
    ? undefined
    : folders.map((folder) => join(folder, 'nginx')).find((path) => isProgram(path))

const isProgram = (path) => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Starts nginx with what `portcullis-gateway snippet --for nginx` prints. */
export function startNginx(binary, folder, snippet) {
  writeFileSync(join(folder, 'portcullis.conf'), snippet)
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `  ${kind}_temp_path ${join(folder, kind)};`,
  )
  // Under root the workers would become somebody who cannot read the folder.
  writeFileSync(
    join(folder, 'nginx.conf'),
    `${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
pid ${join(folder, 'nginx.pid')};
error_log ${join(folder, 'error.log')} warn;
events {}
http {
  access_log off;
${temporary.join('\n')}
  include ${join(folder, 'portcullis.conf')};
}
`,
  )
  const log = join(folder, 'error.log')
  return spawn(binary, ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', log], {
    stdio: 'inherit',
  })
}
