import { parseObject } from '../lib/json.ts'
import type { AuthorizationParameters } from './parameters.ts'
import type { LoginParts } from './site.ts'

const syntax = /^with (\d{1,16}) (.*)$/s
// Milliseconds, backward too: a clock that was set back must not make one last for ever.
const longest = 600_000

/** What a login wants beyond the defaults, so that it can travel in an address and nobody else can write it. */
export const sealWish = (
  { links, now }: Pick<LoginParts, 'links' | 'now'>,
  wish: AuthorizationParameters | undefined,
): string | undefined =>
  wish === undefined
    ? undefined
    : links.seal(Buffer.from(`with ${Math.floor(now())} ${JSON.stringify(wish)}`))

/** Reads it; what we have not sealed for this, or more than ten minutes ago, is no wish. */
export function openWish(
  { links, now }: Pick<LoginParts, 'links' | 'now'>,
  sealed: string | null,
): AuthorizationParameters | undefined {
  const plain = sealed === null ? undefined : links.open(sealed)?.toString()
  const [, sealedAt, wish] = syntax.exec(plain ?? '') ?? []
  if (wish === undefined || Math.abs(now() - Number(sealedAt)) > longest) return undefined
  // Its members are what was handed in: nobody but us can have sealed it.
  return parseObject(wish)
}
