import { execFile } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { accepts } from '../scripts/lib/node-version.mjs'
import { judge } from '../scripts/lib/programs.mjs'
import { sweep } from '../scripts/lib/sweep.mjs'
import { inspect } from '../scripts/lib/tarball.mjs'

const run = promisify(execFile)
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'portcullis-scripts-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

const write = (files: Readonly<Record<string, string>>): void => {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
}

describe('the set-up', () => {
  const range = '^20.19.0 || ^22.12.0 || >=24.0.0'

  it.each(['20.19.0', '20.20.2', '22.12.0', '22.23.3', '24.0.0', '26.1.2'])(
    'accepts Node.js %s',
    (version) => {
      expect(accepts(range, version)).toBe(true)
    },
  )

  it.each(['18.20.8', '20.18.3', '21.7.0', '22.11.0', '23.11.0'])(
    'refuses Node.js %s',
    (version) => {
      expect(accepts(range, version)).toBe(false)
    },
  )

  it('does not guess what another form of range means', () => {
    expect(() => accepts('~20.19.0', '20.19.1')).toThrow('~20.19.0')
  })

  const critical = (name: string): readonly string[] => [
    '--input-type=module',
    '-e',
    `import { exclusively } from ${JSON.stringify(new URL('../scripts/lib/exclusively.mjs', import.meta.url).href)}
     import { appendFileSync } from 'node:fs'
     const note = (text) => appendFileSync(${JSON.stringify(join(folder, 'log'))}, text)
     await exclusively(${JSON.stringify(folder)}, async () => {
       note('${name}(')
       await new Promise((done) => setTimeout(done, 100))
       note('${name})')
     })`,
  ]

  it('never runs twice at once for the same folder', async () => {
    await Promise.all(['a', 'b', 'c'].map((name) => run(process.execPath, critical(name))))
    expect(readFileSync(join(folder, 'log'), 'utf8')).toMatch(/^(?:(\w)\(\1\)){3}$/)
  })

  it('goes on where a dead process has left its lock', async () => {
    const killed = [...critical('a')]
    killed[2] = `${killed[2]}`.replace("note('a)')", 'process.kill(process.pid, "SIGKILL")')
    await expect(run(process.execPath, killed)).rejects.toMatchObject({ signal: 'SIGKILL' })
    await run(process.execPath, critical('b'))
    expect(readFileSync(join(folder, 'log'), 'utf8')).toBe('a(b(b)')
  })
})

describe('the inspection of tarballs', () => {
  const good = {
    'package/package.json': JSON.stringify({ name: 'x', dependencies: { jose: '6.0.0' } }),
    'package/LICENSE': 'MIT',
    'package/src/index.ts': '',
    'package/dist/index.js':
      "import { a } from './a.js'\nimport { b } from 'jose'\nimport 'node:fs'",
    'package/dist/index.d.ts': "export { a } from './a.ts'",
    'package/dist/index.js.map': JSON.stringify({ sources: ['../src/index.ts'] }),
    'package/dist/a.js': '// import "elsewhere"',
    'package/dist/a.d.ts': '',
  }

  const faultsOf = async (files: Readonly<Record<string, string>>): Promise<readonly string[]> => {
    write(files)
    const tarball = join(folder, 'x.tgz')
    await run('tar', ['-czf', tarball, '-C', folder, 'package'])
    return inspect(tarball, join(folder, 'unpacked')).faults
  }

  it('finds nothing wrong with a whole package', async () => {
    expect(await faultsOf(good)).toEqual([])
  })

  it.each([
    ['package.json', '{"dependencies":{"jose":"catalog:"}}', 'catalog:'],
    ['package.json', '{"dependencies":{"jose":"workspace:*"}}', 'workspace:'],
    ['dist/index.js', "import './b.js'", './b.js'],
    ['dist/index.js', "export * from 'lodash/a'", 'lodash/a'],
    ['dist/index.d.ts', "export { b } from './b.ts'", './b.ts'],
    ['dist/index.js.map', '{"sources":["../src/b.ts"]}', '../src/b.ts'],
    ['src/a.test.ts', '', 'a.test.ts'],
    ['dist/.tsbuildinfo', '', '.tsbuildinfo'],
  ])('finds what is wrong with %s: %s', async (name, text, expected) => {
    const faults = await faultsOf({ ...good, [`package/${name}`]: text })
    expect(faults.join('\n')).toContain(expected)
  })

  it('misses the licence', async () => {
    const { 'package/LICENSE': _, ...rest } = good
    expect(await faultsOf(rest)).toEqual(['LICENSE is missing'])
  })
})

describe('the judge of programs', () => {
  const compiler = join('node_modules', 'typescript', 'bin', 'tsc')
  const judged = (text: string): Promise<readonly string[]> => {
    write({ 'program.mts': text })
    cpSync('node_modules/@types/node', join(folder, 'node_modules/@types/node'), {
      recursive: true,
      dereference: true,
    })
    return judge(join(process.cwd(), compiler), folder, ['program.mts'], ['--module', 'nodenext'])
  }

  it('is content where exactly the marked lines are wrong', async () => {
    expect(await judged('export const a: 1 = 2 // wrong\nexport const b = 1')).toEqual([])
  })

  it('sees an error that nobody expected, and an expected one that is not there', async () => {
    const text = 'export const a: 1 = 2\nexport const b = 1 // wrong'
    expect(await judged(text)).toEqual([
      expect.stringContaining('program.mts(1,14): error TS2322'),
      'program.mts:2 must not compile, but does',
    ])
  })
})

it('sweeps out of `dist` what no source makes', () => {
  write({
    'core/src/a.ts': '',
    'core/dist/a.js': '',
    'core/dist/a.d.ts.map': '',
    'core/dist/.tsbuildinfo': '',
    'core/dist/deep/b.js': '',
  })
  expect(sweep(folder)).toEqual([join(folder, 'core/dist/deep/b.js')])
  expect(existsSync(join(folder, 'core/dist/deep/b.js'))).toBe(false)
  expect(existsSync(join(folder, 'core/dist/a.d.ts.map'))).toBe(true)
})
