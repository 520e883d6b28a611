import { decodeModel, encodeModel } from '../../../src/core/codec/model-codec.ts'
import type { Model } from '../../../src/core/model/model.ts'

/** The same model, as whoever goes on from its bytes has it. */
export function readBack(model: Model): Model {
  const decoded = decodeModel(encodeModel(model), model.fingerprint)
  if ('refused' in decoded) throw new Error(decoded.detail)
  return decoded.value
}
