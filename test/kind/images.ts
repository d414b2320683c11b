import type { Cluster } from './cluster.ts';
import type { Progress } from './progress.ts';
export async function loadImages(_c: Cluster, _n: readonly string[], _p: Progress): Promise<void> {}
