import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join, normalize, relative, resolve } from 'node:path'

const filesIn = (folder) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
    : []

const imported = (text) =>
  [...text.matchAll(/\b(?:from|import)\s*\(?\s*['"]([^'"\n]+)['"]/g)].map(([, name]) => name)

// In a declaration both `./a.js` and `./a.ts` stand for `./a.d.ts`.
const target = (file, specifier) => {
  const path = resolve(dirname(file), specifier)
  return file.endsWith('.d.ts') ? path.replace(/\.[jt]s$/, '.d.ts') : path
}

const packageOf = (specifier) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

const builtIn = (folder) => ['bundle', 'dist'].flatMap((name) => filesIn(join(folder, name)))

const importFaults = (folder, { name, dependencies = {}, peerDependencies = {} }) => {
  const known = new Set([name, ...Object.keys(dependencies), ...Object.keys(peerDependencies)])
  const isKnown = (specifier) => isBuiltin(specifier) || known.has(packageOf(specifier))
  const missing = (file, specifier) =>
    specifier.startsWith('.') ? !existsSync(target(file, specifier)) : !isKnown(specifier)
  return builtIn(folder)
    .filter((file) => /\.(js|d\.ts)$/.test(file))
    .flatMap((file) =>
      imported(readFileSync(file, 'utf8').replace(/^\s*(\/\/|\/?\*).*$/gm, ''))
        .filter((specifier) => missing(file, specifier))
        .map((specifier) => `${relative(folder, file)} imports ${specifier}, which is not there`),
    )
}

const mapFaults = (folder) =>
  builtIn(folder)
    .filter((file) => file.endsWith('.map'))
    .flatMap((file) =>
      JSON.parse(readFileSync(file, 'utf8'))
        .sources.filter((source) => !existsSync(resolve(dirname(file), source)))
        .map((source) => `${relative(folder, file)} points to ${source}, which is not there`),
    )

const strayFile = /(\.test\.|\.tsbuildinfo$|(^|\/)(node_modules|coverage)\/)/

const contentFaults = (folder, { exports }) => {
  const files = filesIn(folder).map((file) => relative(folder, file))
  const entry = exports?.['.']?.default ?? './dist/index.js'
  const wanted = ['package.json', 'LICENSE', normalize(entry), join('src', 'index.ts')]
  return [
    ...wanted.filter((file) => !files.includes(file)).map((file) => `${file} is missing`),
    ...files.filter((file) => strayFile.test(file)).map((file) => `${file} does not belong there`),
  ]
}

const manifestFaults = (manifest) =>
  ['workspace:', 'catalog:', 'file:', 'link:']
    .filter((protocol) => JSON.stringify(manifest).includes(`"${protocol}`))
    .map((protocol) => `package.json still says ${protocol}`)

/** Unpacks a tarball and returns its manifest with everything that a user would stumble over. */
export const inspect = (tarball, folder) => {
  mkdirSync(folder, { recursive: true })
  execFileSync('tar', ['-xzf', tarball, '-C', folder])
  const unpacked = join(folder, 'package')
  const manifest = JSON.parse(readFileSync(join(unpacked, 'package.json'), 'utf8'))
  const faults = [
    ...manifestFaults(manifest),
    ...contentFaults(unpacked, manifest),
    ...importFaults(unpacked, manifest),
    ...mapFaults(unpacked),
  ]
  return { manifest, faults }
}
