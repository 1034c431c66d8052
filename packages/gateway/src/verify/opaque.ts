import type { IssuerConfig } from '../config/config.ts'

/** Whether an issuer takes tokens that are no JWT. */
export const takesOpaque = ({ introspection }: IssuerConfig): boolean =>
  introspection !== undefined && introspection.use !== 'also'
