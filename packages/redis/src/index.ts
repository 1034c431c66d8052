export type {
  IoRedisClient,
  NodeRedisClient,
  RedisClient,
  RedisOptions,
  ScriptCall,
} from './client.ts'
export { redisAttempts, type RedisAttempts } from './attempts.ts'
export { redisLock } from './lock.ts'
export { redisReplays } from './replays.ts'
export { redisRevocations } from './revocations.ts'
export { redisSessions } from './sessions.ts'
