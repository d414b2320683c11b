// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { hasRunEverywhere } from '../../../../operator/cleanup/nodes.ts';

describe('the cleanup of the nodes', () => {
  it('is awaited until the controller has looked at the DaemonSet', () => {
    expect(hasRunEverywhere({ metadata: { generation: 1 } })).toBe(false);
    expect(
      hasRunEverywhere({
        metadata: { generation: 1 },
        status: { desiredNumberScheduled: 0, numberReady: 0 },
      }),
    ).toBe(false);
  });

  it('is over when every node that should has run it', () => {
    const status = { observedGeneration: 1, desiredNumberScheduled: 3 };
    expect(hasRunEverywhere({ metadata: { generation: 1 }, status: { ...status, numberReady: 2 } })).toBe(
      false,
    );
    expect(hasRunEverywhere({ metadata: { generation: 1 }, status: { ...status, numberReady: 3 } })).toBe(
      true,
    );
  });

  it('is over at once where no node runs agents', () => {
    const status = { observedGeneration: 1, desiredNumberScheduled: 0, numberReady: 0 };
    expect(hasRunEverywhere({ metadata: { generation: 1 }, status })).toBe(true);
  });
});
