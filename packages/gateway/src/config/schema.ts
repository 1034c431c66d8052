import { gatewayShape } from './gateway-shape.ts'
import { ruleShape } from './route-shape.ts'
import type { JsonSchema } from './shape.ts'

/** The form of a configuration as a JSON Schema, for editors; what only makes sense together is checked by the program. */
export const jsonSchema = (): JsonSchema => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Configuration of portcullis-gateway',
  ...gatewayShape.schema,
  $defs: { rule: ruleShape.schema },
})
