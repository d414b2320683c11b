// SPDX-License-Identifier: Apache-2.0
import { compile, type JSONSchema } from 'json-schema-to-typescript';
import { type Crd, type CrdSchema, schemaOf } from './crds.ts';

const banner =
  '// Generated from crds/ by `npm run generate`. Do not edit.\n// SPDX-License-Identifier: Apache-2.0';

type Definitions = Map<string, JSONSchema>;

/** TypeScript of every titled object in the schemas, as text; the same input gives the same text. */
export async function renderTypes(crds: readonly Crd[]): Promise<string> {
  const definitions: Definitions = new Map();
  for (const crd of crds) collect(schemaOf(crd), definitions);
  const sorted = [...definitions].sort(([a], [b]) => (a < b ? -1 : 1));
  const texts = await Promise.all(sorted.map(([title, schema]) => renderType(title, schema)));
  return `${banner}\n\n${texts.join('\n')}`;
}

async function renderType(title: string, schema: JSONSchema): Promise<string> {
  const text = await compile(schema, title, {
    additionalProperties: false,
    bannerComment: '',
    style: { singleQuote: true, printWidth: 110, trailingComma: 'all' },
  });
  return readonlyTypes(text);
}

/**
 * Translates one schema of a CRD for the type generator. An object with a title becomes a definition, so that every
 * part has a name; two objects with the same title must be the same type.
 */
function collect(schema: CrdSchema, definitions: Definitions): JSONSchema {
  const translated = translate(schema, definitions);
  if (schema.title === undefined) return translated;
  const known = definitions.get(schema.title);
  if (known !== undefined && shape(known) !== shape(translated)) {
    throw new Error(`crds/ has two different schemas with the title ${schema.title}`);
  }
  if (known === undefined) definitions.set(schema.title, translated);
  return { tsType: schema.title, ...(schema.description && { description: schema.description }) };
}

function translate(schema: CrdSchema, definitions: Definitions): JSONSchema {
  const described = schema.description === undefined ? {} : { description: schema.description };
  if (schema['x-kubernetes-int-or-string'] === true) return { ...described, type: ['integer', 'string'] };
  if (schema.type === 'array' && schema.items !== undefined) {
    return { ...described, type: 'array', items: collect(schema.items, definitions) };
  }
  if (schema.type !== 'object') {
    return {
      ...described,
      type: schema.type as 'string',
      ...(schema.enum && { enum: [...schema.enum] }),
    };
  }
  if (schema.additionalProperties !== undefined) {
    return {
      ...described,
      type: 'object',
      additionalProperties: collect(schema.additionalProperties, definitions),
    };
  }
  return translateObject(schema, definitions);
}

/** A field with a default is always there when the object comes from the API server, so its type says so. */
function translateObject(schema: CrdSchema, definitions: Definitions): JSONSchema {
  const properties = Object.entries(schema.properties ?? {});
  const defaulted = properties.filter(([, field]) => field.default !== undefined).map(([name]) => name);
  return {
    ...(schema.description && { description: schema.description }),
    type: 'object',
    properties: Object.fromEntries(properties.map(([name, field]) => [name, collect(field, definitions)])),
    required: [...new Set([...(schema.required ?? []), ...defaulted])],
    additionalProperties: false,
  };
}

/** The part of a definition that determines its type; descriptions may differ. */
function shape(schema: JSONSchema): string {
  return JSON.stringify(schema, (key, value) =>
    key === 'description' && typeof value === 'string' ? undefined : value,
  );
}

/**
 * Makes types readonly, and lets an absent field also be undefined (which `JSON.stringify` leaves out). The type
 * generator can do neither; its output has one property a line, so this function can.
 */
function readonlyTypes(text: string): string {
  return text
    .split('\n')
    .map((line) => (/^\s+([\w'$-]+\??|\[k: string\]): /.test(line) ? readonlyLine(line) : line))
    .join('\n')
    .replace(/(\?: \{\n[^}]*\});/g, '$1 | undefined;');
}

function readonlyLine(line: string): string {
  return line
    .replace(/^(\s+)/, '$1readonly ')
    .replace(/: (\S.*)\[\];$/, ': readonly $1[];')
    .replace(/\?: (.*);$/, '?: $1 | undefined;');
}
