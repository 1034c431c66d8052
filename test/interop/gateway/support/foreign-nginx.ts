import { freePort } from '../../../support/free-port.ts'
import { gateways } from './gateways.ts'
import { startProgram } from './programs.ts'
import { createGatewayWorld, type GatewayWorld } from './world.ts'

/** Where to ask in a configuration that was made for oauth2-proxy. */
export interface Site {
  readonly listen: number
  readonly gateway: number
  readonly upstream: number
}

/** An nginx that asks as somebody else's configuration tells it to. */
export interface ForeignNginx {
  readonly world: GatewayWorld
  readonly port: number
  readonly close: () => Promise<void>
}

/** Starts it before a gateway that speaks as oauth2-proxy does. */
export async function startForeignNginx(
  binary: string,
  write: (site: Site) => string,
  members: NonNullable<Parameters<typeof createGatewayWorld>[0]>,
): Promise<ForeignNginx> {
  const gateway = await freePort()
  const world = await createGatewayWorld({
    listen: [{ dialect: 'oauth2-proxy', tcp: `127.0.0.1:${gateway}` }],
    ...members,
  })
  const port = await freePort()
  const nginx = gateways.find(({ name }) => name === 'nginx')
  if (nginx === undefined) throw new Error('there is no gateway to test')
  const text = write({ listen: port, gateway, upstream: world.upstream.port })
  const program = await startProgram({
    binary,
    port,
    ...nginx.setting({ 'portcullis.conf': text }),
  })
  const close = async (): Promise<void> => {
    await program.close()
    await world.close()
  }
  return { world, port, close }
}
