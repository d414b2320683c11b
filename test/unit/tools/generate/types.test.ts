// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { group, internalGroup, plurals } from '../../../../api/index.ts';
import { resources } from '../../../../kube/resource.ts';
import { type Crd, type CrdSchema, crdFolder, readCrds, schemaOf } from '../../../../tools/generate/crds.ts';
import { renderTypes } from '../../../../tools/generate/types.ts';

const crds = await readCrds();

interface Field {
  readonly path: string;
  readonly schema: CrdSchema;
}

/** Every named field below a schema, with its path as kubectl explain has it. */
function fieldsOf(schema: CrdSchema, path: string): readonly Field[] {
  const named = Object.entries(schema.properties ?? {}).map(([name, field]) => ({
    path: `${path}.${name}`,
    schema: field,
  }));
  return named.flatMap((field) => [field, ...fieldsOf(insideOf(field.schema), field.path)]);
}

/** What is inside of lists and maps. */
function insideOf(schema: CrdSchema): CrdSchema {
  const inside = schema.items ?? schema.additionalProperties;
  return inside === undefined ? schema : insideOf(inside);
}

const fields = crds.flatMap((crd) => fieldsOf(schemaOf(crd), crd.spec.names.kind));

/** Every schema whatever, also those of list items and map values. */
function schemasOf(schema: CrdSchema, path: string): readonly Field[] {
  const below = [
    ...Object.entries(schema.properties ?? {}).map(([name, field]) => [field, `${path}.${name}`] as const),
    ...(schema.items ? [[schema.items, `${path}[]`] as const] : []),
    ...(schema.additionalProperties ? [[schema.additionalProperties, `${path}{}`] as const] : []),
  ];
  return [{ path, schema }, ...below.flatMap(([field, at]) => schemasOf(field, at))];
}

const inSpecs = crds
  .map((crd) => ({ kind: crd.spec.names.kind, spec: schemaOf(crd).properties?.spec }))
  .flatMap(({ kind, spec }) => (spec === undefined ? [] : schemasOf(spec, `${kind}.spec`)));

test('there is a definition of each kind, in the group and version that the programs use', () => {
  const found = Object.fromEntries(crds.map((crd) => [crd.spec.names.kind, crd.spec.names.plural]));
  expect(found).toEqual(plurals);
  for (const { metadata, spec } of crds) {
    const resource = Object.values(resources).find(({ kind }) => kind === spec.names.kind);
    expect(resource).toMatchObject({ group: spec.group, plural: spec.names.plural });
    expect(metadata.name).toBe(`${spec.names.plural}.${spec.group}`);
    expect(spec.versions.map(({ name }) => name)).toEqual([resource?.version]);
  }
});

test('only what operator and agents exchange is in the internal group', () => {
  const internal = crds.filter(({ spec }) => spec.group === internalGroup);
  expect(internal.map(({ spec }) => spec.names.kind)).toEqual(['ChainSlice', 'NodeReport']);
  expect(crds.filter(({ spec }) => spec.group === group)).toHaveLength(crds.length - internal.length);
});

test('of the former group a definition has the schema that the release before gave it', async () => {
  const former = await readCrds(`${crdFolder}former`);
  for (const { metadata, spec } of former) {
    expect(metadata.name).toBe(`${spec.names.plural}.${group}`);
    const now = crds.find((crd) => crd.spec.names.kind === spec.names.kind)!;
    // Operators of this release write and read both as one type.
    const withoutText = (schema: CrdSchema) =>
      JSON.stringify(schema, (key, value) =>
        key === 'description' && typeof value === 'string' ? undefined : value,
      );
    expect(withoutText(schemaOf({ metadata, spec }))).toBe(withoutText(schemaOf(now)));
  }
  expect(former.map(({ spec }) => spec.names.kind)).toEqual(['ChainSlice', 'NodeReport']);
});

test('every field of every kind has a description for kubectl explain', () => {
  // The API server takes no description of metadata here: it has its own.
  const bare = fields.filter(({ path, schema }) => !schema.description && !/^\w+\.metadata$/.test(path));
  expect(bare.map(({ path }) => path)).toEqual([]);
  expect(fields.length).toBeGreaterThan(200);
});

test('every kind has conditions by type, but the ChainSlice, which nobody reports on', () => {
  const without = crds.filter((crd: Crd) => {
    const conditions = schemaOf(crd).properties?.status?.properties?.conditions;
    return conditions?.items?.title !== 'Condition';
  });
  expect(without.map(({ spec }) => spec.names.kind)).toEqual(['ChainSlice']);
});

test('every list, map and text of a spec has a limit, so that the cost of CEL has one', () => {
  const unlimited = inSpecs.filter(({ schema }) => {
    if (schema.type === 'array') return schema.maxItems === undefined;
    if (schema.additionalProperties !== undefined) return schema.maxProperties === undefined;
    if (schema.type === 'string')
      return !schema.enum && schema.maxLength === undefined && schema.format !== 'date-time';
    return false;
  });
  expect(unlimited.map(({ path }) => path)).toEqual([]);
});

test('no field inside of a list has a default, so that an object that is applied again is unchanged', () => {
  // kubectl compares whole lists with what it sent, and an atomic list with a default belongs to two managers.
  const defaulted = inSpecs.filter(({ path, schema }) => path.includes('[]') && schema.default !== undefined);
  expect(defaulted.map(({ path }) => path)).toEqual([]);
});

test('every list of a spec whose items have a key is a map, so that several managers can own items', () => {
  const keyed = /^(name|listener|address|cidr|kind|topologyKey|containerPort)$/;
  const internal = ['ChainSlice', 'NodeReport', 'Port'];
  const lists = inSpecs.filter(
    ({ path, schema }) =>
      schema.items?.required?.some((field) => keyed.test(field)) &&
      !internal.includes(path.split('.')[0]!) &&
      // Terms of Kubernetes' own, which may repeat a topologyKey.
      !path.includes('.affinity.'),
  );
  const others = lists.filter(({ schema }) => schema['x-kubernetes-list-type'] !== 'map');
  expect(others.map(({ path }) => path)).toEqual([
    // A part of the key, protocol, may be absent: a default would be needed, and DNS has one port twice.
    'CustomFunction.spec.ports',
    // Their order is what they mean, and 10,000 items that each have owners are more than an object can hold.
    'Firewall.spec.rules',
  ]);
  for (const { schema, path } of lists) {
    const keys = schema['x-kubernetes-list-map-keys'] ?? [];
    expect(schema.items?.required, path).toEqual(expect.arrayContaining([...keys]));
  }
});

test('every CEL rule has a message', () => {
  const rules = inSpecs.flatMap(({ schema }) => schema['x-kubernetes-validations'] ?? []);
  expect(rules.filter(({ message }) => !message)).toEqual([]);
  expect(rules.length).toBeGreaterThan(40);
});

test('the generated types are those of crds/', async () => {
  const file = new URL('../../../../api/generated/types.ts', import.meta.url);
  expect(await renderTypes(crds)).toBe(await readFile(file, 'utf8'));
});

test('two different schemas of one title are refused, for types could not tell them apart', async () => {
  const [crd] = crds as [Crd, ...Crd[]];
  const other = structuredClone(crd) as Crd;
  const spec = schemaOf(other).properties?.spec as { properties: Record<string, CrdSchema> };
  spec.properties.surprise = { type: 'string' };
  await expect(renderTypes([crd, other])).rejects.toThrow(
    'two different schemas with the title ChainSliceSpec',
  );
});
