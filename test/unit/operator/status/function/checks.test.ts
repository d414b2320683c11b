// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { InstanceReport } from '../../../../../api/report.ts';
import { functionKinds } from '../../../../../operator/compile/function/kinds.ts';
import { checkFunction } from '../../../../../operator/status/function/checks.ts';
import type { FunctionStatusFacts } from '../../../../../operator/status/function/facts.ts';
import { danglingIn } from '../dangling.ts';

const report: InstanceReport = { generation: 4, inputs: 'x', error: null, rules: [], logged: 0 };
const good = { pod: 'edge-1', ready: true, report };

const healthy: FunctionStatusFacts = {
  kind: 'Firewall',
  words: functionKinds.Firewall.words,
  namespace: 'shop',
  generation: 4,
  inputs: 'x',
  desired: 1,
  selector: 'heddle.dev/function=firewall.edge',
  problems: [],
  references: [{ name: 'blocklist', field: 'spec.sets[0].configMapRef.name', found: true }],
  podsTooLarge: undefined,
  instances: [good],
};

function verdict(type: string, change: Partial<FunctionStatusFacts> = {}) {
  return checkFunction({ ...healthy, ...change }).find((v) => v.type === type)!;
}

test('a condition of a function that refers to another one names one that is False', () => {
  const choices = fc.record({
    problems: fc.constantFrom([], [{ field: 'spec.rules', message: 'no' }]),
    references: fc.constantFrom(healthy.references, [{ ...healthy.references[0]!, found: false }]),
    podsTooLarge: fc.constantFrom(undefined, 2_000_000),
    podsRefusal: fc.constantFrom(undefined, 'exceeded quota'),
    desired: fc.constantFrom(0, 1, 2),
    instances: fc.constantFrom(
      [good],
      [],
      [{ ...good, report: undefined }],
      [{ ...good, report: { ...report, generation: 3 } }],
      [{ ...good, report: { ...report, error: { field: 'spec.sets[0].configMapRef', message: 'line 1' } } }],
    ),
  }) as fc.Arbitrary<Partial<FunctionStatusFacts>>;
  fc.assert(
    fc.property(choices, (change) => {
      expect(danglingIn(checkFunction({ ...healthy, ...change }))).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

describe('a firewall', () => {
  test('whose instances have its generation is accepted, resolved, programmed and ready', () => {
    expect(checkFunction(healthy).map((v) => `${v.type}=${v.status}`)).toEqual([
      'Accepted=True',
      'ResolvedRefs=True',
      'Programmed=True',
      'Ready=True',
    ]);
  });

  test('is not programmed while a ready instance has an older generation, or has not answered', () => {
    const behind = { ...good, report: { ...report, generation: 3 } };
    expect(verdict('Programmed', { instances: [good, behind] })).toMatchObject({
      status: 'False',
      reason: 'InstancesBehind',
      message: expect.stringContaining('edge-1 has generation 3'),
    });
    const silent = { ...good, report: undefined };
    expect(verdict('Programmed', { instances: [silent] }).message).toContain('edge-1 has not answered');
  });

  test('is not programmed while a ready instance has older pods or ConfigMaps', () => {
    const behind = { ...good, report: { ...report, inputs: 'older' } };
    expect(verdict('Programmed', { instances: [behind] })).toMatchObject({
      reason: 'InstancesBehind',
      message: expect.stringContaining('edge-1 has older pods or ConfigMaps'),
    });
  });

  test('names the container that does not start, also of an edit while the old instances go on', () => {
    const trouble = 'container firewall: ErrImagePull (no such image)';
    const stuck = { pod: 'edge-2', ready: false, trouble, report: undefined };
    expect(verdict('Ready', { desired: 2, instances: [good, stuck] })).toMatchObject({
      reason: 'InstancesMissing',
      message: `1 of 2 instances are ready; pod edge-2, ${trouble}.`,
    });
    const behind = { ...good, report: { ...report, generation: 3 } };
    expect(verdict('Programmed', { instances: [behind, stuck] }).message).toBe(
      `Generation 4 is not in all instances: edge-1 has generation 3, pod edge-2, ${trouble}.`,
    );
  });

  test('whose pods the cluster refuses says so in its words, also while the instances of before go on', () => {
    const podsRefusal = 'pods "edge-2" is forbidden: exceeded quota: small';
    const none = { podsRefusal, instances: [] };
    for (const type of ['Programmed', 'Ready']) {
      expect(verdict(type, none)).toMatchObject({ status: 'False', reason: 'PodsRefused' });
      expect(verdict(type, none).message).toContain(`0 of 1 instances are ready; `);
      expect(verdict(type, none).message).toContain(podsRefusal);
      expect(verdict(type, { podsRefusal }).message).toContain(`1 of 1 instances are ready; `);
    }
  });

  test('does not wait for an instance that is not ready, but is not ready itself', () => {
    const starting = { pod: 'edge-2', ready: false, report: undefined };
    const change = { desired: 2, instances: [good, starting] };
    expect(verdict('Programmed', change).status).toBe('True');
    expect(verdict('Ready', change)).toMatchObject({ status: 'False', reason: 'InstancesMissing' });
  });

  test('says pod, field and message of an instance that could not load the rules', () => {
    const error = { field: 'spec.rules[2].source', message: 'the kernel refused it' };
    const failed = { ...good, report: { ...report, generation: 3, error } };
    expect(verdict('Programmed', { instances: [failed] })).toMatchObject({
      reason: 'InstanceError',
      message: 'Pod edge-1: spec.rules[2].source: the kernel refused it',
    });
  });

  test('names the field of a ConfigMap that is missing', () => {
    const references = [{ ...healthy.references[0]!, found: false }];
    expect(verdict('ResolvedRefs', { references })).toMatchObject({
      status: 'False',
      reason: 'ConfigMapNotFound',
      message: expect.stringContaining(
        'spec.sets[0].configMapRef.name: there is no ConfigMap shop/blocklist',
      ),
    });
    expect(verdict('Ready', { references })).toMatchObject({ status: 'False', reason: 'NotResolved' });
  });

  test('with a wrong rule is not accepted, and the message names its field', () => {
    const problems = [{ field: 'spec.rules[0].source.set', message: 'the firewall has no set bad' }];
    expect(verdict('Accepted', { problems })).toMatchObject({ status: 'False', reason: 'InvalidSpec' });
    expect(verdict('Accepted', { problems }).message).toContain('spec.rules[0].source.set: the firewall has');
  });

  test('of no replicas is not programmed anywhere', () => {
    expect(verdict('Programmed', { desired: 0, instances: [] }).message).toBe('spec.replicas is 0.');
  });
});
