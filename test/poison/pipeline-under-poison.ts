/** The configuration that the corpus is for: every transform, every policy for what is missing, every kind of field. */

/** The largest value that is decoded. */
export const maxEventBytes = 1_048_576
/** Valid events that the model is born from. */
export const birthEvents = 300
/** In bytes: the longest id. */
export const longestId = 256
/** In bytes: the largest key of an event, half of what Kafka's topics take unless they are told otherwise. */
export const largestKey = 524_294
/** Values may be nested as deep, the event included. */
export const deepest = 64

/** As YAML; `servers` are lines of it that say what is connected to. */
export function configurationText(name: string, format: 'avro' | 'json', servers: readonly string[] = []): string {
  const sections = {
    name,
    input: { topic: `${name}-in`, format, time: 'at', maxEventBytes },
    features: [
      { field: 'amount', transform: 'log', missing: 'reject' },
      { field: 'balance' },
      { field: 'risk', missing: 'indicator' },
      { field: 'at', transform: 'hourOfDay' },
      { field: 'seen', transform: 'dayOfWeek' },
      { field: 'channel', transform: { oneHot: ['chip', 'online', 'true', '7'] } },
      { field: 'country', transform: { hash: 8 } },
      { field: 'online', transform: 'boolean' },
      { field: 'device.score' },
    ],
    clusters: { k: 4 },
    bootstrap: { minEvents: birthEvents },
    anomalies: { topFeatures: 9 },
  }
  const lines = Object.entries(sections).map(([section, value]) => `${section}: ${JSON.stringify(value)}`)
  return [...lines, ...servers].join('\n')
}
