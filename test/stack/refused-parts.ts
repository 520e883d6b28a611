/** Whether a broker's own answer refuses a part of what was asked, of the requests that are answered part by part. */
import { Reader } from '../../src/adapters/kafka/wire.ts'

/** Reads what follows the error of one partition. */
type Rest = (answer: Reader) => void

const nothing: Rest = () => undefined

/** Answers of the versions that `error-answers.ts` knows: all in the flexible notation. */
const forms: Readonly<Record<number, { readonly throttleFirst: boolean; readonly rest: Rest }>> = {
  0: { throttleFirst: false, rest: produced },
  24: { throttleFirst: true, rest: nothing },
  28: { throttleFirst: true, rest: nothing },
}

/** Both are whole frames. */
export function refusesPart(request: Buffer, answer: Buffer): boolean {
  const form = forms[request.readInt16BE(4)]
  if (form === undefined) return false
  const body = new Reader(answer, true)
  body.at = 8
  body.tags()
  if (form.throttleFirst) body.int32()
  const topics = body.array((topic) => {
    topic.string()
    const errors = topic.array((partition) => {
      partition.int32()
      const error = partition.int16()
      form.rest(partition)
      partition.tags()
      return error
    })
    topic.tags()
    return errors
  })
  return topics.flat().some((error) => error !== 0)
}

function produced(answer: Reader): void {
  answer.at += 8 + 8 + 8
  answer.array((error) => {
    error.int32()
    error.string()
    error.tags()
  })
  answer.string()
}
