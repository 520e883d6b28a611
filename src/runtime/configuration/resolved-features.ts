/** Features as the core wants them. */
import type { FeatureSpec, Transform } from '../../core/features.ts'
import type { Settings } from './schema.ts'

type FeatureSetting = Settings['features'][number]

export function featureSpec(setting: FeatureSetting): FeatureSpec {
  return {
    name: setting.name ?? setting.field,
    field: setting.field,
    transform: transformOf(setting.transform),
    weight: setting.weight,
    missing: setting.missing,
  }
}

function transformOf(setting: FeatureSetting['transform']): Transform {
  if (typeof setting === 'string') return { kind: setting }
  if ('oneHot' in setting) return { kind: 'oneHot', values: setting.oneHot.map(String) }
  return { kind: 'hash', buckets: setting.hash }
}
