import type { HttpRequest } from '../http/request.ts'
import type { HeaderField } from '../http/reply.ts'
import type { Credential } from './credential.ts'
import type { AccessToken } from './token.ts'

/** Proves that a token is used by the client it was issued to: DPoP, mutual TLS. */
export interface SenderConstraint {
  /** The member of `cnf` that this constraint proves, for example `jkt`. */
  readonly confirmation: string
  /** An `Authorization` scheme of its own, for example `DPoP`, accepted beside `Bearer`. */
  readonly scheme?: string
  /** Parameters of that scheme's challenge, for example `algs`. */
  readonly challenge?: Readonly<Record<string, string>>
  /**
   * Throws a `Refusal` unless the request proves possession. Asked for every token that carries the
   * confirmation, and for every credential of the scheme. What it returns is sent with the response.
   */
  prove(
    request: HttpRequest,
    token: AccessToken,
    credential: Credential,
  ): readonly HeaderField[] | undefined | Promise<readonly HeaderField[] | undefined>
}
