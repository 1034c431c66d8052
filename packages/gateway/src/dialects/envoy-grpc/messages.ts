/** What Envoy sends, as far as the gateway reads it; absent where the message left it out. */
export interface CheckRequest {
  readonly attributes?: {
    readonly source?: { readonly certificate?: string }
    readonly request?: { readonly http?: EnvoyHttpRequest }
  }
}

export interface EnvoyHttpRequest {
  readonly method?: string
  readonly path?: string
  readonly host?: string
  readonly scheme?: string
  readonly body?: string
  readonly raw_body?: Uint8Array
  readonly headers?: Readonly<Record<string, string>>
  readonly header_map?: { readonly headers?: readonly RawHeader[] }
}

/** One field as it was sent; Envoy fills `raw_value`, others `value`. */
export interface RawHeader {
  readonly key?: string
  readonly value?: string
  readonly raw_value?: Uint8Array
}

/** What Envoy is answered. */
export interface CheckResponse {
  readonly status: { readonly code: number }
  readonly ok_response?: OkHttpResponse
  readonly denied_response?: DeniedHttpResponse
}

export interface OkHttpResponse {
  readonly headers: readonly HeaderValueOption[]
  readonly headers_to_remove: readonly string[]
  readonly response_headers_to_add: readonly HeaderValueOption[]
}

export interface DeniedHttpResponse {
  readonly status: { readonly code: number }
  readonly headers: readonly HeaderValueOption[]
  readonly body: string
}

export interface HeaderValueOption {
  readonly header: { readonly key: string; readonly value: string }
  /** Present, or clients that know `append_action` take a missing one for "append". */
  readonly append: { readonly value: boolean }
  readonly append_action: number
}
