import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { expect } from 'chai';
import type { OpenApiDocument } from '../../../api/openapi.ts';

/** An answer of the api, as far as the document says something of it. */
export interface CheckedAnswer {
  method: string;
  path: string;
  status: number;
  type: string;
  body: unknown;
}

interface Media {
  schema?: { $ref?: string };
  examples?: Record<string, unknown>;
}

interface Operation {
  responses: Record<string, { content?: Record<string, Media> }>;
}

interface Matched {
  template: string;
  operation: Operation | undefined;
}

const DOCUMENT = 'openapi';

/** What the OpenAPI document promises; every answer in every test is held against it. */
export class Contract {
  private readonly ajv = new Ajv2020({ strict: false, validateSchema: false, allErrors: true });
  private readonly paths: readonly { template: string; pattern: RegExp }[];
  private readonly validators = new Map<string, ValidateFunction>();
  private readonly document: OpenApiDocument;

  constructor(document: OpenApiDocument) {
    this.document = forbidUnknownFields(structuredClone(document)) as OpenApiDocument;
    formats.default(this.ajv);
    this.ajv.addSchema(this.document, DOCUMENT);
    // What has no parameters comes first: `/users/me` is no `/users/{id}`.
    this.paths = Object.keys(document.paths ?? {})
      .sort((a, b) => a.split('{').length - b.split('{').length)
      .map((template) => ({
        template,
        pattern: new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
      }));
  }

  /** Fails for a status that is not documented, and for a body that is not as documented. */
  check(answer: CheckedAnswer): void {
    const { method, path, status, type } = answer;
    const { template, operation } = this.find(method, path);
    const label = `${method} ${template}, ${status}`;
    if (!operation) {
      expect(status, `${label}: no route`).to.be.oneOf([401, 404, 405, 429, 503, 204]);
      return;
    }
    const response = operation.responses[String(status)];
    expect(response, `${label}: status is not documented; ${JSON.stringify(answer.body)}`).to.be.an(
      'object',
    );
    if (type === '' || response?.content === undefined) return;
    const place = `#/${pointerTo('paths', template, method.toLowerCase(), 'responses', `${status}`)}`;
    this.checkMedia(response.content[type], { type, place, label }, answer.body);
  }

  private checkMedia(
    media: Media | undefined,
    { type, place, label }: { type: string; place: string; label: string },
    body: unknown,
  ): void {
    expect(media, `${label}: ${type} is not documented`).to.be.an('object');
    if (!type.endsWith('json')) return;
    // What is named is compiled once for all routes.
    this.checkBody(
      media?.schema?.$ref ?? `${place}/${pointerTo('content', type, 'schema')}`,
      body,
      label,
    );
    if (!media?.examples) return;
    const { code } = body as { code: string };
    expect(Object.keys(media.examples), `${label}: code is not documented`).to.include(code);
  }

  private checkBody(pointer: string, body: unknown, label: string): void {
    let validate = this.validators.get(pointer);
    if (!validate) {
      validate = this.ajv.compile({ $ref: `${DOCUMENT}${pointer}` });
      this.validators.set(pointer, validate);
    }
    const isValid = validate(body);
    expect(
      isValid,
      `${label}: ${JSON.stringify(validate.errors)} ${JSON.stringify(body)}`,
    ).to.equal(true);
  }

  private find(method: string, path: string): Matched {
    const template = this.paths.find(({ pattern }) => pattern.test(path))?.template ?? path;
    const operations = this.document.paths?.[template] as Record<string, Operation> | undefined;
    return { template, operation: operations?.[method.toLowerCase()] };
  }
}

/** A JSON pointer (RFC 6901) as a URI has it. */
function pointerTo(...parts: string[]): string {
  return parts
    .map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')))
    .join('/');
}

/** An answer never has a field that the document does not know. */
function forbidUnknownFields(node: unknown): unknown {
  if (Array.isArray(node)) node.forEach(forbidUnknownFields);
  if (typeof node !== 'object' || node === null) return node;
  Object.values(node).forEach(forbidUnknownFields);
  const schema = node as { properties?: unknown; type?: unknown; additionalProperties?: unknown };
  const isObject =
    schema.type === 'object' || (Array.isArray(schema.type) && schema.type.includes('object'));
  if (isObject && schema.properties !== undefined) schema.additionalProperties ??= false;
  return node;
}
