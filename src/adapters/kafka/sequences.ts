/** A producer's next sequence number in each partition. Kafka counts in 31 bits and goes on at 0. */
const sequenceNumbers = 2 ** 31

export class Sequences {
  readonly #next = new Map<string, Map<number, number>>()

  next(topic: string, partition: number): number {
    return this.#next.get(topic)?.get(partition) ?? 0
  }

  /** So many records were acknowledged. */
  advance(topic: string, partition: number, records: number): void {
    let partitions = this.#next.get(topic)
    if (partitions === undefined) {
      partitions = new Map()
      this.#next.set(topic, partitions)
    }
    partitions.set(partition, (this.next(topic, partition) + records) % sequenceNumbers)
  }

  /** A new epoch counts from 0. */
  restart(): void {
    this.#next.clear()
  }
}
