/**
 * OAUTHBEARER (RFC 7628), for kafkajs's connections. kafkajs's own takes every answer for success, but a broker refuses
 * a token by an answer of the mechanism: what was sent next would find the connection closed, for no reason one could see.
 */
import type { Mechanism } from 'kafkajs'
import type { TokenSource } from './options.ts'
import { Refused } from './refused.ts'

const separator = '\u0001'
/** Before what the mechanism says, as in the times when it went over the wire by itself. */
const lengthBytes = 4

export function oauthbearer({ token, refused }: TokenSource): Mechanism {
  return {
    mechanism: 'oauthbearer',
    authenticationProvider: ({ saslAuthenticate }) => ({
      async authenticate() {
        const said = Buffer.from(`n,,${separator}auth=Bearer ${await token()}${separator}${separator}`)
        const length = Buffer.alloc(lengthBytes)
        length.writeInt32BE(said.length)
        const answer = await saslAuthenticate({
          request: { encode: () => Buffer.concat([length, said]) },
          response: { decode: (bytes) => bytes.subarray(lengthBytes), parse: (bytes) => bytes.toString() },
        })
        if (!answer) return
        refused?.()
        throw new Refused(answer)
      },
    }),
  }
}
