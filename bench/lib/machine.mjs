import { availableParallelism, cpus, totalmem } from 'node:os'

/** What a reader must know of the machine to read the figures. */
export const machine = () => [
  `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`,
  `Node ${process.versions.node}, V8 ${process.versions.v8}, OpenSSL ${process.versions.openssl}, ${process.platform} ${process.arch}`,
]
