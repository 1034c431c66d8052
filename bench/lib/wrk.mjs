import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const script = `
local turn, requests = 0, {}
function init(args)
  for line in io.lines(args[1]) do
    local fields = { Authorization = line, Host = "api.test" }
    if args[2] == "forward-auth" then
      fields["X-Forwarded-Method"] = "GET"
      fields["X-Forwarded-Uri"] = "/orders/1"
      fields["X-Forwarded-Host"] = "api.test"
      fields["X-Forwarded-Proto"] = "https"
    end
    table.insert(requests, wrk.format("GET", args[2] == "forward-auth" and "/check" or "/orders/1", fields))
  end
end
function request()
  turn = turn % #requests + 1
  return requests[turn]
end
function done(summary, latency)
  io.write(string.format('{"requests":%d,"micros":%d,"bad":%d,"p99":%d,"cpu":%f}\\n', summary.requests,
    summary.duration, summary.errors.status + summary.errors.read + summary.errors.timeout +
    summary.errors.connect, latency:percentile(99), os.clock()))
end
`

/** Loads an address with the program wrk, which costs a core less than any load from Node would. */
export function createLoad(authorizations) {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-wrk-'))
  const [tokens, lua] = [join(folder, 'tokens'), join(folder, 'load.lua')]
  writeFileSync(tokens, authorizations.join('\n'))
  writeFileSync(lua, script)
  return {
    /** Requests per second, the 99th percentile in milliseconds, and the cores that wrk had for itself; an answer that is no success is an error. */
    async run({ port, seconds, connections = 32, as = 'plain' }) {
      const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', lua]
      const url = `http://127.0.0.1:${port}`
      const { stdout } = await promisify(execFile)('wrk', [...args, url, '--', tokens, as])
      const line = stdout.split('\n').find((text) => text.startsWith('{'))
      const { requests, micros, bad, p99, cpu } = JSON.parse(line ?? '{}')
      if (!(requests > 0) || bad > 0) throw new Error(`wrk: ${bad} bad answers\n${stdout}`)
      const elapsed = micros / 1e6
      return { rate: requests / elapsed, requests, p99: p99 / 1000, cores: cpu / elapsed }
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  }
}
