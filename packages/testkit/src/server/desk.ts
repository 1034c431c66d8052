import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Provider } from 'oidc-provider'
import { clientsOf, registered } from './clients.ts'
import { createConfiguration } from './configuration.ts'
import type { KeyRing } from './key-ring.ts'
import type { ClientMetadata, Settings, SignIn } from './options.ts'
import { createPeople } from './people.ts'
import { createProvider } from './provider.ts'
import { createStorage } from './storage.ts'

/** What is served behind the front: oidc-provider, over state that outlives each instance of it. */
export interface Desk {
  readonly clients: ReadonlyMap<string, ClientMetadata>
  readonly ring: KeyRing
  /** Begins, once the issuer is known. */
  readonly open: (issuer: string) => void
  readonly interactions: (request: IncomingMessage, response: ServerResponse) => Promise<void>
  readonly endpoints: RequestListener
  readonly levers: {
    readonly signIn: SignIn
    readonly rotateKeys: () => Promise<void>
    readonly withdrawKey: (kid: string) => Promise<void>
    readonly addClient: (client: ClientMetadata) => void
  }
}

export function createDesk(settings: Settings, ring: KeyRing, errors: unknown[]): Desk {
  const storage = createStorage()
  const clients = new Map(clientsOf(settings))
  let current: Current | undefined
  const instance = () => {
    if (current === undefined) throw new Error('the server is not open yet')
    return current
  }
  const people = createPeople(settings, () => instance().provider)
  const configure = createConfiguration(settings, storage, people)
  const open = (issuer: string) => {
    const provider = createProvider(issuer, configure(ring.signing()), errors)
    current = { provider, answer: provider.callback() }
  }
  const reopen = () => open(instance().provider.issuer)
  return {
    clients,
    ring,
    open,
    interactions: people.meet,
    endpoints: (request, response) => void instance().answer(request, response),
    levers: {
      signIn: people.levers,
      rotateKeys: () => ring.rotate().then(reopen),
      withdrawKey: (kid) => ring.withdraw(kid).then(reopen),
      addClient: (client) => {
        clients.set(client.client_id, client)
        storage.put('Client', client.client_id, registered(client))
      },
    },
  }
}

interface Current {
  readonly provider: Provider
  readonly answer: ReturnType<Provider['callback']>
}
