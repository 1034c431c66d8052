import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { allowed, forwardedWith } from '../../../../test/support/gateway-question.ts'
import { rawClient, requestText } from '../../../../test/support/raw-client.ts'
import { createNginx } from '../dialects/nginx.ts'
import { listenHttp } from './http.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function listen(unix: string, mode?: string) {
  const listener = await listenHttp({
    dialect: createNginx(),
    check: () => allowed(),
    address: { unix, ...(mode && { mode }) },
  })
  onTestFinished(() => listener.close(0))
  return listener
}

async function ask(path: string): Promise<string> {
  const client = await rawClient({ path })
  client.write(requestText([...forwardedWith(), ['Connection', 'close']]))
  return client.all
}

const permissions = async (path: string) => ((await stat(path)).mode & 0o777).toString(8)

test('answers on a Unix socket that its owner and group may use', async () => {
  const path = join(folder, 'plain.sock')
  const { address } = await listen(path)
  expect(address).toEqual({ unix: path })
  expect(await permissions(path)).toBe('660')
  expect(await ask(path)).toMatch(/^HTTP\/1\.1 204/)
})

test('permissions are those that were asked for', async () => {
  const path = join(folder, 'mode.sock')
  await listen(path, '0600')
  expect(await permissions(path)).toBe('600')
})

test('takes its socket away at the end', async () => {
  const path = join(folder, 'gone.sock')
  const listener = await listen(path)
  await listener.close(0)
  await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' })
})

test('replaces the socket of a process that was killed', async () => {
  const path = join(folder, 'stale.sock')
  const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => console.log('up'))`
  const other = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(other.stdout, 'data')
  await expect(listen(path)).rejects.toMatchObject({ code: 'EADDRINUSE' })
  other.kill('SIGKILL')
  await once(other, 'exit')
  expect((await stat(path)).isSocket()).toBe(true)
  await listen(path)
  expect(await ask(path)).toMatch(/^HTTP\/1\.1 204/)
})

test('does not take the place of another listener, nor of a file', async () => {
  const path = join(folder, 'taken.sock')
  await listen(path)
  await expect(listen(path)).rejects.toMatchObject({ code: 'EADDRINUSE' })
  expect(await ask(path)).toMatch(/^HTTP\/1\.1 204/)
  const file = join(folder, 'file')
  await writeFile(file, 'precious')
  await expect(listen(file)).rejects.toMatchObject({ code: 'EADDRINUSE' })
  expect((await stat(file)).size).toBe(8)
})

test('says that the folder of a socket does not exist, which the system does not', async () => {
  const path = join(folder, 'nowhere', 'a.sock')
  await expect(listen(path)).rejects.toThrow(`cannot listen on ${path}: its folder does not exist`)
})
