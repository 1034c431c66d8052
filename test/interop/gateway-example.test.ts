import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeWith, findBinary } from '../support/binaries.ts'

const main = fileURLToPath(new URL('../../examples/gateway/main.mjs', import.meta.url))
const shell = promisify(execFile)

/** Starts the example and waits for its lines; `path` is where it looks for programs. */
const start = async (env: NodeJS.ProcessEnv) => {
  const child = spawn(process.execPath, [main], { stdio: ['ignore', 'pipe', 'pipe'], env })
  const ended = once(child, 'exit')
  let output = ''
  await new Promise<void>((resolve, reject) => {
    const give = () => reject(new Error(`the example did not start:\n${output}`))
    const timer = setTimeout(give, 25_000)
    child.once('exit', give)
    child.stderr.on('data', (chunk) => (output += String(chunk)))
    child.stdout.on('data', (chunk) => {
      output += String(chunk)
      if (!output.includes('Ctrl-C ends everything')) return
      clearTimeout(timer)
      child.off('exit', give)
      resolve()
    })
  }).catch((error: unknown) => {
    child.kill('SIGTERM')
    throw error
  })
  const end = async (): Promise<unknown> => {
    child.kill('SIGINT')
    const timer = setTimeout(() => child.kill('SIGKILL'), 10_000)
    const [code] = await ended
    clearTimeout(timer)
    return code
  }
  return { output: () => output, end }
}

interface Tried {
  readonly command: string
  readonly wanted: number
  readonly status: number
  readonly text: string
}

/** Runs a line that the example has printed, as somebody would who copies it. */
const runLine = async (line: string): Promise<Tried> => {
  const [command = '', wanted] = line.trim().split('#')
  const { stdout } = await shell('sh', ['-c', `${command} -s --max-time 5`])
  const status = Number(/^HTTP\/1\.1 (\d+)/.exec(stdout)?.[1])
  return { command, wanted: Number(wanted), status, text: stdout }
}

const tryLines = async (output: string): Promise<readonly Tried[]> => {
  const lines = output.split('\n').filter((line) => line.trim().startsWith('curl '))
  expect(lines).toHaveLength(7)
  return Promise.all(lines.map(runLine))
}

describeWith(['nginx', 'curl'], 'the example of the gateway', () => {
  let example: Awaited<ReturnType<typeof start>>
  let tried: readonly Tried[]
  let code: unknown
  beforeAll(async () => {
    example = await start(process.env)
    tried = await tryLines(example.output())
    code = await example.end()
  }, 60_000)

  test('answers every printed line as it says', () => {
    expect(tried.map(({ status }) => status)).toEqual(tried.map(({ wanted }) => wanted))
  })

  test('tells the upstream who it is, whatever the client says', () => {
    const [open, unknown, known] = tried
    expect(open?.text).toContain('"field":""')
    expect(unknown?.text).toMatch(/^WWW-Authenticate: Bearer/im)
    expect(known?.text).toMatch(/"caller":"[^"]+","scopes":\["orders:read"\]/)
    for (const one of tried) expect(one.text).not.toContain('forged')
  })

  test('logs decisions without tokens, and ends with all that it started', () => {
    const log = example
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .join('\n')
    expect(log).toContain('"reason":"scope_missing"')
    expect(log).toContain('"event":"drained"')
    expect(log).not.toContain('eyJ')
    expect(code).toBe(0)
  })
})

describe.skipIf(findBinary('curl') === undefined)(
  'the example where nginx is not installed',
  () => {
    let example: Awaited<ReturnType<typeof start>>
    beforeAll(async () => {
      example = await start({ ...process.env, NGINX: 'none' })
    }, 60_000)
    afterAll(() => example.end())

    test('says so, and answers the same', async () => {
      expect(example.output()).toContain('nginx is not installed')
      const tried = await tryLines(example.output())
      expect(tried.map(({ status }) => status)).toEqual(tried.map(({ wanted }) => wanted))
      for (const one of tried) expect(one.text).not.toContain('forged')
    })
  },
)
