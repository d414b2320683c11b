// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { findViolations, parseImports } from '../../../../tools/check/imports.ts';

describe('imports', () => {
  it('are found in every form', () => {
    const source = [
      `import a from 'a';`,
      `import type { B } from './b.ts';`,
      `import {`,
      `  c,`,
      `  d,`,
      `} from './c.ts';`,
      `export * from './e.ts';`,
      `import './f.ts';`,
      `const g = await import('./g.ts');`,
    ].join('\n');
    expect(parseImports(source).map(({ module }) => module)).toEqual([
      'a',
      './b.ts',
      './c.ts',
      './e.ts',
      './f.ts',
      './g.ts',
    ]);
  });

  it('go down the table only', () => {
    const up = findViolations('kube/store.ts', `import { x } from '../operator/compile/x.ts';`);
    expect(up).toEqual([expect.stringContaining('kube may not import operator/compile/x.ts')]);
    const down = findViolations('kube/store.ts', `import { x } from '../api/x.ts';`);
    expect(down).toEqual([]);
  });

  it('go from what is said to what is decided, never back', () => {
    const file = 'operator/compile/ports/types.ts';
    expect(findViolations(file, `import type { S } from '../../status/chain/facts.ts';`)).toHaveLength(1);
    const said = 'operator/status/network/checks.ts';
    expect(findViolations(said, `import type { M } from '../../compile/network/mtu.ts';`)).toEqual([]);
    const gathered = 'operator/observe/stores.ts';
    expect(findViolations(gathered, `import { x } from '../compile/x.ts';`)).toHaveLength(1);
  });

  it('of types alone may go where nothing may run', () => {
    const file = 'operator/compile/ports/types.ts';
    expect(findViolations(file, `import type { Pod } from '../../observe/stores.ts';`)).toEqual([]);
    expect(findViolations(file, `import { Pod } from '../../observe/stores.ts';`)).toHaveLength(1);
  });

  it('of functions never reach another function', () => {
    const found = findViolations('functions/firewall/main.ts', `import { x } from '../loadbalancer/x.ts';`);
    expect(found).toHaveLength(1);
  });

  it('of the product never reach the tests', () => {
    expect(findViolations('agent/main.ts', `import { x } from '../test/x.ts';`)).toHaveLength(1);
  });

  it('leave koffi to the folder that holds the kernel', () => {
    expect(findViolations('agent/apply/maps.ts', `import koffi from 'koffi';`)).toHaveLength(1);
    expect(findViolations('agent/kernel/child/bpf.ts', `import koffi from 'koffi';`)).toEqual([]);
  });

  it('of pure code do no I/O, and pure code reads no clock', () => {
    const io = findViolations('operator/compile/chain/slices.ts', `import fs from 'node:fs';`);
    expect(io).toEqual([expect.stringContaining('pure code may not import node:fs')]);
    const clock = findViolations('agent/plan/plan.ts', 'export const now = () => Date.now();');
    expect(clock).toEqual([expect.stringContaining('Date.now(')]);
    expect(findViolations('agent/plan/plan.ts', '// Date.now() is not for us.\nexport const a = 1;')).toEqual(
      [],
    );
  });

  it('of a folder that is not in the table are refused', () => {
    expect(findViolations('helpers/a.ts', 'export const a = 1;')).toHaveLength(1);
  });
});
