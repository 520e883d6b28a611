/** Rules of profile features, across the keys of each and of all. */
import { featureSpec, keyEntity } from './resolved-features.ts'
import type { Settings } from './schema.ts'
import { broken, type Violation } from './violation.ts'

type ProfileSetting = NonNullable<Settings['features'][number]['profile']>

const ofNumbers: readonly string[] = ['ratio', 'zScore', 'unrest']
const ofAnything: readonly string[] = ['newValue']
/** What changes with the share of its events that a partition sees. */
const ofAllEvents: readonly string[] = ['count1h', 'count24h', 'sinceLast']
const numeric: readonly string[] = ['none', 'log', 'auto', 'squash']

export function* profileRules(settings: Settings): Generator<Violation> {
  const key = keyEntity(settings)
  for (const [index, feature] of settings.features.entries()) {
    const at = `features[${index}]`
    const { field, profile } = feature
    if (profile === undefined) {
      if (field === undefined) yield broken(`${at}.field`, 'must be set, unless profile is', field)
      continue
    }
    if (field !== undefined) yield broken(`${at}.field`, 'must not be set beside profile', field)
    const { kind } = featureSpec(feature).transform
    if (!numeric.includes(kind)) {
      yield broken(`${at}.transform`, `must be one of ${numeric.join(', ')} for a profile feature`, kind)
    }
    yield* ofRules(`${at}.profile`, profile)
    if (profile.entity !== key && ofAllEvents.includes(profile.as)) {
      const rule = `must be none of ${ofAllEvents.join(', ')} for an entity other than profiles.key, ${key}: a partition sees only a share of its events`
      yield broken(`${at}.profile.as`, rule, profile.as)
    }
  }
  const { key: set } = settings.profiles
  if (set !== null && !settings.features.some(({ profile }) => profile?.entity === set)) {
    yield broken('profiles.key', 'must be the entity of a profile feature', set)
  }
}

function* ofRules(at: string, { as, of }: ProfileSetting): Generator<Violation> {
  const needs = [...ofNumbers, ...ofAnything].includes(as)
  if (needs && of === undefined) yield broken(`${at}.of`, `must be set for ${as}`, of)
  if (!needs && of !== undefined) yield broken(`${at}.of`, `must not be set for ${as}`, of)
}
