/** What a test asks of a cluster and kafkajs's admin client cannot: by Kafka's own, which stays at hand. */
import { exitOf, launch, linesOf } from './java-program.ts'

export interface ClusterAdmin {
  /** One command of ClusterAdmin.java; gives its answer, or throws what went wrong. */
  ask(...words: readonly (string | number)[]): Promise<string>
  close(): Promise<void>
}

export async function clusterAdmin(kafka: string): Promise<ClusterAdmin> {
  const program = await launch('ClusterAdmin.java', [kafka])
  const ended = exitOf(program)
  const lines = linesOf(program)
  let queue: Promise<unknown> = Promise.resolve()
  const ask = async (words: readonly (string | number)[]): Promise<string> => {
    program.stdin!.write(`${words.join(' ')}\n`)
    const { value, done } = await lines.next()
    if (done === true) throw await ended.then(() => new Error('the cluster admin has ended'))
    const [verdict, ...answer] = String(value).split(' ')
    if (verdict !== 'done') throw new Error(`${words[0]}: ${answer.join(' ')}`)
    return answer.join(' ')
  }
  return {
    ask(...words) {
      const answer = queue.then(() => ask(words))
      queue = answer.catch(() => undefined)
      return answer
    },
    async close() {
      program.stdin!.end()
      await ended
    },
  }
}
