// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { isLoopback, parseOptions } from '../../../../tools/images/options.ts';

describe('the options of npm run images', () => {
  it('are a registry and what is done with the images', () => {
    expect(parseOptions(['--registry', 'registry.example/heddle', '--tag', 'v1', '--push'])).toEqual({
      registry: 'registry.example/heddle',
      tag: 'v1',
      push: true,
      archive: undefined,
      plainHttp: false,
    });
  });

  it('are refused with what is wrong', () => {
    expect(() => parseOptions([])).toThrow('--registry is missing');
    expect(() => parseOptions(['--registry', 'https://registry.example/x'])).toThrow('without a scheme');
    expect(() => parseOptions(['--registry', 'registry.example/x/'])).toThrow('not the name of a repository');
    expect(() => parseOptions(['--registry', 'r.example/x', '--tag', 'a b'])).toThrow(
      '--tag a b is not a tag',
    );
    expect(() => parseOptions(['--registry', 'r.example/x', '--pull'])).toThrow('--pull');
  });

  it('take a registry on loopback for one without TLS, and no other', () => {
    expect(['127.0.0.1:5001/heddle', 'localhost:5001', 'localhost/heddle'].map(isLoopback)).toEqual([
      true,
      true,
      true,
    ]);
    expect(['localhost.example/x', '127.0.0.1.example/x', '10.0.0.1:5000/x'].map(isLoopback)).toEqual([
      false,
      false,
      false,
    ]);
    expect(parseOptions(['--registry', '10.0.0.1:5000/x', '--plain-http']).plainHttp).toBe(true);
  });
});
