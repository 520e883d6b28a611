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
 * ARGV the fields in the order of `hashFields`, historyLimit, prefix of versions, summary ('' for none), digest of
 * what counts as absent ('' for none)
 */
export const putScript = `
local name, version, born, digest = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[7]
local limit, prefix, summary, absent = tonumber(ARGV[9]), ARGV[10], ARGV[11], ARGV[12]

local function is(key, kind)
  return redis.call('TYPE', key).ok == kind
end

local function clear(key, kind)
  if not is(key, kind) then redis.call('DEL', key) end
end

local function whole(key)
  if not is(key, 'hash') then return nil end
  local f = redis.call('HMGET', key,
    'name', 'version', 'bornAtMs', 'fingerprint', 'offset', 'publishedAtMs', 'digest', 'bytes')
  for i = 1, 8 do if not f[i] then return nil end end
  local said = table.concat(f, '\\n', 1, 6) .. '\\n' .. f[8]
  if f[1] ~= name or f[7] == absent or redis.sha1hex(said) ~= f[7] then return nil end
  return { version = tonumber(f[2]), born = tonumber(f[3]) }
end

local there = whole(KEYS[1])
if there and (there.born > born or (there.born == born and there.version >= version)) then return 'stale' end

local fields = {
  'name', name, 'version', ARGV[2], 'bornAtMs', ARGV[3], 'fingerprint', ARGV[4], 'offset', ARGV[5],
  'publishedAtMs', ARGV[6], 'digest', digest, 'bytes', ARGV[8]
}
if not is(KEYS[4], 'none') then clear(KEYS[4], 'hash') end
redis.call('HSET', KEYS[4], unpack(fields))
clear(KEYS[1], 'hash')
redis.call('HSET', KEYS[1], unpack(fields))
if summary == '' then redis.call('DEL', KEYS[3]) else redis.call('SET', KEYS[3], summary) end

local function forget(members)
  for _, member in ipairs(members) do
    local old = string.match(member, '^(%d+):')
    if old and old ~= ARGV[2] then redis.call('DEL', prefix .. old) end
  end
end

clear(KEYS[2], 'zset')
if not there or there.born ~= born then
  forget(redis.call('ZRANGE', KEYS[2], 0, -1))
  redis.call('DEL', KEYS[2])
end
redis.call('ZREMRANGEBYSCORE', KEYS[2], ARGV[2], '+inf')
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[2] .. ':' .. ARGV[6])
local extra = redis.call('ZCARD', KEYS[2]) - limit
if extra > 0 then
  forget(redis.call('ZRANGE', KEYS[2], 0, extra - 1))
  redis.call('ZREMRANGEBYRANK', KEYS[2], 0, extra - 1)
end
return 'written'
`

export const putScriptSha = createHash('sha1').update(putScript).digest('hex')
