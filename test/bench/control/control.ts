import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { execa } from 'execa';
import { compileBpf } from '../../build/bpf.ts';
import { bundlePrograms } from '../../build/bundle.ts';
import type { PartOptions, Section } from '../section.ts';
import { renderControl } from './report.ts';
import type { Outcome, Scenario, ScenarioMessage } from './scenario.ts';

const ROOT = join(import.meta.dirname, '../../..');

/**
 * Times changes from the request to the kernels of all nodes: a real API server, the operator as it ships, and
 * agents with watches, stores, renderers and BPF maps of their own, in a network namespace that goes afterwards.
 */
export async function runControl(options: PartOptions): Promise<Section> {
  await bundlePrograms(ROOT, join(ROOT, 'dist'));
  await compileBpf(ROOT, join(ROOT, 'dist'));
  const outcomes: Outcome[] = [];
  for (const scenario of options.quick ? QUICK : FULL) {
    outcomes.push(await runScenario(scenario, options.progress));
  }
  return renderControl(outcomes);
}

const QUICK: readonly Scenario[] = [
  { name: '100 Ports', nodes: 3, otherNetworks: 0, ports: 100, changes: 8 },
];

const FULL: readonly Scenario[] = [
  { name: '100 Ports', nodes: 10, otherNetworks: 9, ports: 100, changes: 50 },
  { name: '100 Ports beside 99 networks', nodes: 10, otherNetworks: 99, ports: 100, changes: 50 },
  { name: '100 Ports beside 999 networks', nodes: 10, otherNetworks: 999, ports: 100, changes: 50 },
  { name: '1,000 Ports', nodes: 10, otherNetworks: 9, ports: 1000, changes: 50 },
  { name: '10,000 Ports', nodes: 10, otherNetworks: 9, ports: 10_000, changes: 50 },
];

/** Runs one scenario in a namespace of its own, and leaves nothing behind. */
export async function runScenario(scenario: Scenario, progress: (line: string) => void): Promise<Outcome> {
  const netns = `hdcontrol${process.pid}`;
  await execa('ip', ['netns', 'add', netns]);
  try {
    await execa('ip', ['-n', netns, 'link', 'set', 'lo', 'up']);
    // `ip netns exec` gives the process mounts of its own as well, so its BPF file system goes with it.
    const child = fork(join(import.meta.dirname, 'process.ts'), [netns, JSON.stringify(scenario)], {
      execPath: 'ip',
      execArgv: ['netns', 'exec', netns, process.execPath],
    });
    return await outcomeOf(child, progress);
  } finally {
    await removeNetns(netns);
  }
}

function outcomeOf(child: ChildProcess, progress: (line: string) => void): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    let outcome: Outcome | undefined;
    let failure: string | undefined;
    child.on('message', (message: ScenarioMessage) => {
      switch (message.kind) {
        case 'Progress':
          return progress(message.line);
        case 'Outcome':
          outcome = message.outcome;
          return;
        case 'Failed':
          failure = message.error;
      }
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      if (outcome) resolve(outcome);
      else reject(new Error(failure ?? `the process of the scenario ended (${code})`));
    });
  });
}

/** Ends what still runs in the namespace, which nobody but us put there, and removes it. */
async function removeNetns(netns: string): Promise<void> {
  const { stdout } = await execa('ip', ['netns', 'pids', netns], { reject: false });
  for (const pid of stdout.split('\n').filter(Boolean)) process.kill(Number(pid), 'SIGKILL');
  await execa('ip', ['netns', 'del', netns], { reject: false });
}
