// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { agentPort, functionPort, operatorPort, vxlanPort } from '../../../api/names.ts';
import { logLevels } from '../../../kube/base/log.ts';

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

test('the chart has the ports that the programs have by default', () => {
  const { agent, operator } = load(read('charts/heddle/values.yaml')) as Record<
    string,
    Readonly<Record<string, unknown>>
  >;
  expect({ vxlan: agent?.vxlanPort, agent: agent?.httpPort, operator: operator?.httpPort }).toEqual({
    vxlan: vxlanPort,
    agent: agentPort,
    operator: operatorPort,
  });
});

test('the API keeps the port of functions for Heddle', () => {
  expect(read('crds/customfunctions.yaml')).toContain(`rule: self != ${functionPort}\n`);
});

test('the chart offers levels of logs that the programs know', () => {
  const schema = JSON.parse(read('charts/heddle/values.schema.json')) as {
    properties: { logLevel: { enum: string[] } };
  };
  expect(logLevels).toEqual(expect.arrayContaining(schema.properties.logLevel.enum));
});
