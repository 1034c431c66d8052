import { parseObject } from '../lib/json.ts'
import type { AuthorizationParameters } from './parameters.ts'
import type { LoginParts } from './site.ts'

const mark = 'with '

/** What a login wants beyond the defaults, so that it can travel in an address and nobody else can write it. */
export const sealWish = (
  { links }: Pick<LoginParts, 'links'>,
  wish: AuthorizationParameters | undefined,
): string | undefined =>
  wish === undefined ? undefined : links.seal(Buffer.from(mark + JSON.stringify(wish)))

/** Reads it; what we have not sealed for this is no wish. */
export function openWish(
  { links }: Pick<LoginParts, 'links'>,
  sealed: string | null,
): AuthorizationParameters | undefined {
  const plain = sealed === null ? undefined : links.open(sealed)?.toString()
  if (plain === undefined || !plain.startsWith(mark)) return undefined
  // Its members are what was handed in: nobody but us can have sealed it.
  return parseObject(plain.slice(mark.length))
}
