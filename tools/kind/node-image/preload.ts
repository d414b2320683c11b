// SPDX-License-Identifier: Apache-2.0
import { createReadStream } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine } from '../engine/detect.ts';
import type { Shell } from '../shell.ts';

/** A sleeping container of the node image, in which the image is completed in the same way as kind does it. */
export interface Workbench {
  exec(...command: readonly string[]): Promise<string>;
  importArchive(path: string): Promise<void>;
  /** Writes a tar with nft, the libraries that it loads and the names of protocols. */
  packNft(path: string): Promise<void>;
  commit(tag: string): Promise<void>;
}

export async function withWorkbench<T>(
  shell: Shell,
  engine: Engine,
  image: string,
  work: (bench: Workbench) => Promise<T>,
): Promise<T> {
  const run = (args: readonly string[], more = {}): Promise<string> =>
    shell.run(engine.kind, args, { env: engine.env, ...more });
  // The build lock allows one at a time; an interrupted run may have left its container.
  const name = 'heddle-build';
  const flags = ['-d', '--privileged', '--network=none', '--entrypoint=sleep', `--name=${name}`];
  const remove = ['rm', '-f', '-v', ...(engine.kind === 'podman' ? ['-t', '0'] : [])];
  await shell.attempt(engine.kind, [...remove, name], { env: engine.env });
  await run(['run', ...flags, image, 'infinity']);
  try {
    const exec = (...command: readonly string[]): Promise<string> => run(['exec', name, ...command]);
    return await work({
      exec,
      async importArchive(path) {
        await startContainerd(exec);
        const labels = '--label=io.cri-containerd.pinned=pinned';
        const ctr = ['ctr', '--namespace=k8s.io', 'images', 'import', labels];
        const flags = ['--all-platforms', '--no-unpack', '--digests', '-'];
        await run(['exec', '-i', name, ...ctr, ...flags], { input: createReadStream(path) });
        await exec('pkill', 'containerd');
        await sleep(1000); // Its database is written at its end.
      },
      async packNft(path) {
        // Without the names nft lists tcp as 6. kube-proxy, which wrote tcp, takes 6 for an entry that is no longer
        // wanted and removes it: at its next start, or an hour later, the node has no Services.
        const files = `echo /usr/sbin/nft; echo /etc/protocols; ldd /usr/sbin/nft | grep -o '/[^ ]*'`;
        const script = `{ ${files}; } | tar -chf - --transform='s,^/,,' -P -T -`;
        await run(['exec', name, 'sh', '-c', script], { outputFile: path });
      },
      async commit(tag) {
        const entrypoint = 'ENTRYPOINT ["/usr/local/bin/entrypoint", "/sbin/init"]';
        await run(['commit', '--change', entrypoint, '--change', 'CMD []', name, tag]);
      },
    });
  } finally {
    await shell.attempt(engine.kind, [...remove, name], { env: engine.env });
  }
}

async function startContainerd(exec: Workbench['exec']): Promise<void> {
  await exec('sh', '-c', 'nohup containerd > /tmp/containerd.log 2>&1 &');
  await exec(
    'sh',
    '-c',
    'for i in $(seq 100); do [ -S /run/containerd/containerd.sock ] && ctr version >/dev/null 2>&1 && exit 0; sleep 0.1; done; cat /tmp/containerd.log; exit 1',
  );
}
