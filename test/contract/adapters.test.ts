import { describe, it } from 'vitest'
import { testAdapter } from '@portcullis/testkit/contract'
import { expresses } from './express.ts'
import { fetches } from './fetch.ts'
import { koas } from './koa.ts'

for (const adapter of [...expresses, ...koas, ...fetches]) testAdapter(adapter, { describe, it })
