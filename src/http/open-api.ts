/** The API's own description: OpenAPI 3.1, made from the schemas that its routes check by. */
import fastifySwagger, { type FastifyDynamicSwaggerOptions } from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import {
  jsonSchemaTransform,
  jsonSchemaTransformObject,
  serializerCompiler,
  validatorCompiler,
} from 'fastify-type-provider-zod'

/** Routes that are added later are checked by their schemas, and are in the document. */
export async function describeRoutes(app: FastifyInstance, release: string): Promise<void> {
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  await app.register(fastifySwagger, options(release))
}

function options(release: string): FastifyDynamicSwaggerOptions {
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Shoal',
        version: release,
        description: 'The clusters of a stream, what is unusual in it and what has changed: seen and steered.',
      },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    },
    transform: jsonSchemaTransform,
    transformObject: (document) => withoutUnused(jsonSchemaTransformObject(document)),
  }
}

/** Without the component schemas that nothing refers to: each is made once as it is sent and once as it is taken. */
function withoutUnused(document: ReturnType<typeof jsonSchemaTransformObject>) {
  const schemas = 'components' in document ? (document.components?.schemas as Record<string, unknown>) : {}
  for (;;) {
    const text = JSON.stringify(document)
    const unused = Object.keys(schemas).filter((name) => !text.includes(`"#/components/schemas/${name}"`))
    if (unused.length === 0) return document
    for (const name of unused) delete schemas[name]
  }
}
