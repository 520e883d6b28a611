/** Features as the core wants them. */
import type { FeatureSpec, ProfileSpec, Transform } from '../../core/features/features.ts'
import type { Settings } from './schema.ts'

type FeatureSetting = Settings['features'][number]

export function featureSpec(setting: FeatureSetting): FeatureSpec {
  const profile = setting.profile === undefined ? null : profileSpec(setting.profile)
  // A rule sees to it that there is one of them.
  const field = setting.field ?? profile?.of ?? profile?.entity ?? ''
  return {
    name: setting.name ?? (profile === null ? field : profileName(profile)),
    field,
    ...(profile === null ? {} : { profile }),
    transform: transformOf(setting.transform),
    weight: setting.weight,
    missing: setting.missing,
  }
}

/** The entity that producers key by: the one that is set, or that of the first profile feature. */
export function keyEntity({ features, profiles }: Settings): string | null {
  return profiles.key ?? features.find(({ profile }) => profile !== undefined)?.profile?.entity ?? null
}

function profileSpec({ of, ...rest }: NonNullable<FeatureSetting['profile']>): ProfileSpec {
  return { ...rest, of: of ?? null }
}

/** `amount ratio by customerId` */
function profileName({ entity, as, of }: ProfileSpec): string {
  return `${of === null ? '' : `${of} `}${as} by ${entity}`
}

function transformOf(setting: FeatureSetting['transform']): Transform {
  if (typeof setting === 'string') return { kind: setting }
  if ('oneHot' in setting) return { kind: 'oneHot', values: setting.oneHot.map(String) }
  return { kind: 'hash', buckets: setting.hash }
}
