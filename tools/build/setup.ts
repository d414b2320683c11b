// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync } from 'node:fs';
import { execa } from 'execa';
import { hasCommand } from '../kind/find.ts';

/** Something that must be on the machine: a program in the PATH, or a file. */
interface Requirement {
  readonly needs: string;
  readonly debian: string;
}

/** The name of this architecture in Debian's library folders. */
export const triplet = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';

export type ToolGroup = 'build' | 'kernel' | 'vpn' | 'push';

const requirements: Readonly<Record<ToolGroup, readonly Requirement[]>> = {
  build: [
    { needs: 'clang', debian: 'clang' },
    { needs: '/usr/include/bpf/bpf_helpers.h', debian: 'libbpf-dev' },
    { needs: '/usr/include/linux/bpf.h', debian: 'linux-libc-dev' },
  ],
  kernel: [
    { needs: 'bpftool', debian: 'bpftool' },
    { needs: 'nft', debian: 'nftables' },
    { needs: 'iptables', debian: 'iptables' },
    { needs: 'ip', debian: 'iproute2' },
    { needs: 'conntrack', debian: 'conntrack' },
    { needs: 'ping', debian: 'iputils-ping' },
    { needs: 'python3', debian: 'python3' },
    { needs: 'iptables', debian: 'iptables' },
    { needs: 'ulogd', debian: 'ulogd2' },
    { needs: `/usr/lib/${triplet}/ulogd/ulogd_output_JSON.so`, debian: 'ulogd2-json' },
    { needs: 'tcpdump', debian: 'tcpdump' },
    { needs: 'iperf3', debian: 'iperf3' },
  ],
  push: [{ needs: 'skopeo', debian: 'skopeo' }],
  // Standard WireGuard clients, as users have them.
  vpn: [
    { needs: 'ip', debian: 'iproute2' },
    { needs: 'nft', debian: 'nftables' },
    { needs: 'ping', debian: 'iputils-ping' },
    { needs: 'wg', debian: 'wireguard-tools' },
    { needs: 'wg-quick', debian: 'wireguard-tools' },
    { needs: 'wireguard-go', debian: 'wireguard-go' },
  ],
};

/**
 * Makes sure that the distribution's programs for building, for pushing or for the kernel tests are installed. On
 * Debian and Ubuntu, as root, it installs what is missing, after a line that says so; elsewhere the error names what to
 * install.
 */
export async function ensureSystemTools(...groups: readonly ToolGroup[]): Promise<void> {
  const missing = groups.flatMap((group) => requirements[group]).filter(isMissing);
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((requirement) => requirement.debian))];
  if (!isDebian() || process.getuid?.() !== 0) throw new Error(missingMessage(missing, packages));
  console.error(`heddle: installing with apt-get, because they are missing: ${packages.join(' ')}`);
  await aptInstall(packages);
  const still = missing.filter(isMissing);
  if (still.length > 0) throw new Error(missingMessage(still, packages));
}

function isMissing({ needs }: Requirement): boolean {
  return needs.startsWith('/') ? !existsSync(needs) : !hasCommand(needs);
}

function missingMessage(missing: readonly Requirement[], packages: readonly string[]): string {
  const names = missing.map((requirement) => requirement.needs).join(', ');
  return `missing on this machine: ${names}. On Debian or Ubuntu: sudo apt-get install ${packages.join(' ')}. Elsewhere install the packages that hold them, then run this again.`;
}

function isDebian(): boolean {
  if (!hasCommand('apt-get') || !existsSync('/etc/os-release')) return false;
  return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(readFileSync('/etc/os-release', 'utf8'));
}

async function aptInstall(packages: readonly string[]): Promise<void> {
  const options = ['-qq', '-o', 'DPkg::Lock::Timeout=600', '-o', 'Dpkg::Use-Pty=0'];
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await execa('apt-get', [...options, 'update'], { env, all: true });
  await execa('apt-get', [...options, 'install', '-y', '--no-install-recommends', ...packages], {
    env,
    all: true,
  });
}
