/** The real servers as the lines of a configuration say them. */
export interface Addresses {
  readonly kafka: string
  readonly registry: string
  readonly redis: string
}

/** `ofKafka`: what else is said of Kafka. */
export function serversYaml({ kafka, registry, redis }: Addresses, ofKafka = ''): string {
  return `kafka: { brokers: ['${kafka.split(',').join("', '")}']${ofKafka} }
registry: { url: '${registry}' }
redis: { url: '${redis}' }
`
}
