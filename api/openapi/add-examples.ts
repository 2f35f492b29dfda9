import type { OpenApiDocument } from '../openapi.ts';
import { exampleOf, type ExampleSchema } from './example-of.ts';

interface MediaType {
  schema?: ExampleSchema;
  example?: unknown;
  examples?: unknown;
}

interface Operation {
  requestBody?: { content: Record<string, MediaType> };
  responses: Record<string, { content?: Record<string, MediaType> }>;
}

/** The document with an example for each body that has none; made of the schemas. */
export function addExamples(document: OpenApiDocument): OpenApiDocument {
  const plain = structuredClone(document);
  const schemas = (plain.components?.schemas ?? {}) as Record<string, ExampleSchema>;
  const paths = Object.values(plain.paths ?? {}) as Record<string, Operation>[];
  for (const media of paths.flatMap((path) => Object.values(path).flatMap(jsonBodies))) {
    if (media.schema) media.example = exampleOf(media.schema, schemas);
  }
  return plain;
}

function jsonBodies({ requestBody, responses }: Operation): MediaType[] {
  const contents = [
    requestBody?.content,
    ...Object.values(responses).map(({ content }) => content),
  ];
  return contents.flatMap((content) => {
    const media = content?.['application/json'];
    return media ? [media] : [];
  });
}
