// What loading a package costs, in a process that has done nothing else.
const before = process.cpuUsage()
await import(process.argv[2])
const { user, system } = process.cpuUsage(before)
process.stdout.write(JSON.stringify({ micros: user + system, rss: process.memoryUsage().rss }))
