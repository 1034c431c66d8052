/** The programmer's mistake, thrown where the options are given. */
export class ConfigurationError extends TypeError {
  override readonly name = 'ConfigurationError'
  readonly code = 'configuration_invalid'
}
