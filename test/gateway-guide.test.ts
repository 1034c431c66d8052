import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { GatewayConfig } from '../packages/gateway/src/config/config.ts'
import { parseConfig } from '../packages/gateway/src/config/read.ts'
import { snippetFor, snippetNames } from '../packages/gateway/src/snippet/create.ts'
import type { SnippetFile } from '../packages/gateway/src/snippet/snippet.ts'

const pathOf = (name: string): string =>
  fileURLToPath(new URL(`../docs/guide/gateway-${name}.md`, import.meta.url))

const page = (name: string): string => readFileSync(pathOf(name), 'utf8')

const fenced = /^```(\w+)\n([\s\S]*?)^```$/gm

const blocksOf = (text: string): readonly string[] =>
  [...text.matchAll(fenced)].map((match) => match[2] ?? '')

const isWhole = (block: string): boolean => block.startsWith('version: 1\n')

const isWritten = (block: string): boolean => block.includes('Written by portcullis-gateway')

const trimmed = ({ text }: SnippetFile): string => `${text.trimEnd()}\n`

const nginxConfig = (): GatewayConfig => {
  const text = blocksOf(page('nginx')).find(isWhole) ?? ''
  return parseConfig(text, 'gateway-nginx.md')
}

describe.each(snippetNames)('the page of %s', (name) => {
  const blocks = blocksOf(page(name))
  const configs = blocks.filter(isWhole)

  it('has a whole configuration', () => {
    expect(configs.length).toBeGreaterThan(0)
  })

  // `npx vitest run test/gateway-guide.test.ts --update` writes the blocks anew.
  it('shows what the generator prints for its configurations, and nothing that it does not', async () => {
    const printed = configs.flatMap((text) =>
      snippetFor(name, parseConfig(text, `gateway-${name}.md`)).map(trimmed),
    )
    const script = snippetFor('nginx', nginxConfig(), { cache: true })[1]
    const known = [...printed, ...(name === 'nginx' && script ? [trimmed(script)] : [])]
    expect(blocks.filter(isWritten)).toHaveLength(known.length)
    const left = [...known]
    const text = page(name).replace(fenced, (block, language: string, inside: string) =>
      isWritten(inside) ? `\`\`\`${language}\n${left.shift() ?? ''}\`\`\`` : block,
    )
    await expect(text).toMatchFileSnapshot(pathOf(name))
  })
})

describe('what the page of nginx says of the cache', () => {
  const blocks = blocksOf(page('nginx'))
  const parsed = nginxConfig()
  const [conf = '', script = ''] = snippetFor('nginx', parsed, { cache: true }).map(trimmed)

  it('is what the generator prints', () => {
    expect(blocks).toContain(script)
    const parts = blocks.filter((block) => /^(# Needs the module| *proxy_cache )/.test(block))
    expect(parts).toHaveLength(2)
    for (const part of parts) expect(conf).toContain(part)
  })

  it('is all that changes', () => {
    const [plain = ''] = snippetFor('nginx', parsed).map(trimmed)
    const parts = blocks.filter((block) => conf.includes(block) && !plain.includes(block))
    const rest = parts.reduce((text, part) => text.replace(part, ''), conf)
    expect(rest.replace(/\n+/g, '\n')).toBe(plain.replace(/\n+/g, '\n'))
  })
})

it('keeps answers in nginx alone', () => {
  const config = blocksOf(page('caddy')).find(isWhole) ?? ''
  expect(() => snippetFor('caddy', parseConfig(config, 'a'), { cache: true })).toThrow(
    'caddy cannot keep answers',
  )
})

describe('what cannot be asked or heard', () => {
  const overUnix: GatewayConfig = {
    listen: [{ dialect: 'forward-auth', unix: '/run/check.sock' }],
    issuers: [],
    routes: [],
  }
  const overBoth: GatewayConfig = {
    ...overUnix,
    listen: [...overUnix.listen, { dialect: 'forward-auth', tcp: '127.0.0.1:9102' }],
  }

  it.each(['traefik', 'haproxy'] as const)('is a socket for %s, which takes the other', (name) => {
    expect(() => snippetFor(name, overUnix)).toThrow('forward-auth over TCP')
    const texts = snippetFor(name, overBoth).map(({ text }) => text)
    expect(texts.join('\n')).toContain('http://127.0.0.1:9102/check')
  })

  it.each(['8080', ':8080', 'http://app:3000', 'app', 'a:1; b', '[::1]'])('is %s', (address) => {
    const config = nginxConfig()
    expect(() => snippetFor('nginx', config, { listen: address })).toThrow('listen must be')
    expect(() => snippetFor('nginx', config, { upstream: address })).toThrow('upstream must be')
  })

  it.each(['app.internal:3000', '[::1]:3000', '0.0.0.0:80'])('is not %s', (address) => {
    expect(snippetFor('nginx', nginxConfig(), { upstream: address })[0]?.text).toContain(address)
  })
})
