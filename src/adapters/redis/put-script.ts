import { createHash } from 'node:crypto'

/**
 * Compare-and-set of a snapshot, in one step of the server. The comparison is (bornAtMs, version), the greater
 * wins. What is there counts only when it is whole by its digest: a damaged one is as good as absent, and is
 * replaced even by the same version. All keys share one hash tag, so those that are derived here (versions that
 * fall out of the history) lie in the same slot of a Cluster.
 *
 * The first write is HSET, on purpose: a server out of memory refuses it before anything has changed, and
 * refuses nothing once a script has written.
 *
 * KEYS latest, history, clusters, version
 * ARGV version, bornAtMs, fingerprint, offset, publishedAtMs, digest, bytes, historyLimit, prefix of versions, summary ('' for none)
 */
export const putScript = `
local version, born = tonumber(ARGV[1]), tonumber(ARGV[2])

local function is(key, kind)
  return redis.call('TYPE', key).ok == kind
end

local function clear(key, kind)
  if not is(key, kind) then redis.call('DEL', key) end
end

local function whole(key)
  if not is(key, 'hash') then return nil end
  local f = redis.call('HMGET', key, 'version', 'bornAtMs', 'fingerprint', 'offset', 'publishedAtMs', 'digest', 'bytes')
  for i = 1, 7 do if not f[i] then return nil end end
  local said = f[1] .. '\\n' .. f[2] .. '\\n' .. f[3] .. '\\n' .. f[4] .. '\\n' .. f[5] .. '\\n' .. f[7]
  if redis.sha1hex(said) ~= f[6] then return nil end
  return { version = tonumber(f[1]), born = tonumber(f[2]) }
end

local there = whole(KEYS[1])
if there and (there.born > born or (there.born == born and there.version >= version)) then return 'stale' end

local fields = {
  'version', ARGV[1], 'bornAtMs', ARGV[2], 'fingerprint', ARGV[3], 'offset', ARGV[4], 'publishedAtMs', ARGV[5],
  'digest', ARGV[6], 'bytes', ARGV[7]
}
if not is(KEYS[4], 'none') then clear(KEYS[4], 'hash') end
redis.call('HSET', KEYS[4], unpack(fields))
clear(KEYS[1], 'hash')
redis.call('HSET', KEYS[1], unpack(fields))
if ARGV[10] == '' then redis.call('DEL', KEYS[3]) else redis.call('SET', KEYS[3], ARGV[10]) end

local function forget(members)
  for _, member in ipairs(members) do
    local old = string.match(member, '^(%d+):')
    if old and old ~= ARGV[1] then redis.call('DEL', ARGV[9] .. old) end
  end
end

clear(KEYS[2], 'zset')
if not there or there.born ~= born then
  forget(redis.call('ZRANGE', KEYS[2], 0, -1))
  redis.call('DEL', KEYS[2])
end
redis.call('ZREMRANGEBYSCORE', KEYS[2], ARGV[1], ARGV[1])
redis.call('ZADD', KEYS[2], ARGV[1], ARGV[1] .. ':' .. ARGV[5])
local extra = redis.call('ZCARD', KEYS[2]) - tonumber(ARGV[8])
if extra > 0 then
  forget(redis.call('ZRANGE', KEYS[2], 0, extra - 1))
  redis.call('ZREMRANGEBYRANK', KEYS[2], 0, extra - 1)
end
return 'written'
`

export const putScriptSha = createHash('sha1').update(putScript).digest('hex')
