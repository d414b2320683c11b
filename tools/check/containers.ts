// SPDX-License-Identifier: Apache-2.0

interface SecurityContext {
  readonly privileged?: boolean;
  readonly allowPrivilegeEscalation?: boolean;
  readonly readOnlyRootFilesystem?: boolean;
  readonly capabilities?: { readonly drop?: readonly string[]; readonly add?: readonly string[] };
  readonly seccompProfile?: { readonly type?: string };
}

interface Container {
  readonly name: string;
  readonly securityContext?: SecurityContext;
  readonly resources?: { readonly requests?: object; readonly limits?: object };
}

interface PodSpec {
  readonly automountServiceAccountToken?: boolean;
  readonly securityContext?: SecurityContext;
  readonly initContainers?: readonly Container[];
  readonly containers: readonly Container[];
}

/** An object of the chart that is a pod or makes pods, or another one. */
export interface MakesPods {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly automountServiceAccountToken?: boolean;
  readonly spec?: object;
}

/** The one container that may be privileged: only such a one can mount for its node. */
const PRIVILEGED = 'mount-bpffs';

/**
 * Pure: every container of the chart has a read-only root file system, no capability but those that it names, the
 * runtime's seccomp profile, and resources; a token is mounted only where a pod asks for it.
 */
export function checkContainers(manifests: readonly MakesPods[]): readonly string[] {
  return manifests.flatMap((manifest) => {
    const name = `${manifest.kind} ${manifest.metadata.name}`;
    if (manifest.kind === 'ServiceAccount' && manifest.automountServiceAccountToken !== false) {
      return [`${name}: automountServiceAccountToken is not false; pods that need the token say so`];
    }
    const spec = podSpecOf(manifest);
    if (!spec) return [];
    const all = [...(spec.initContainers ?? []), ...spec.containers];
    return [
      ...(spec.automountServiceAccountToken === undefined
        ? [`${name} does not say automountServiceAccountToken`]
        : []),
      ...all.flatMap((container) =>
        faultsOf(container, spec).map((fault) => `${name}: container ${container.name} ${fault}`),
      ),
    ];
  });
}

/** Pure: the names of the privileged containers. */
export function privilegedOf(manifests: readonly MakesPods[]): readonly string[] {
  return manifests
    .flatMap((manifest) => podSpecOf(manifest) ?? [])
    .flatMap(({ initContainers = [], containers }) => [...initContainers, ...containers])
    .filter(({ securityContext }) => securityContext?.privileged)
    .map(({ name }) => name);
}

function podSpecOf({ kind, spec }: MakesPods): PodSpec | undefined {
  if (kind === 'Pod') return spec as PodSpec;
  return (spec as { readonly template?: { readonly spec: PodSpec } } | undefined)?.template?.spec;
}

function faultsOf({ name, securityContext = {}, resources }: Container, pod: PodSpec): readonly string[] {
  const faults: string[] = [];
  if (!resources?.requests || !resources.limits) faults.push('has no requests or no limits');
  if (!securityContext.readOnlyRootFilesystem) faults.push('has a writable root file system');
  if (name === PRIVILEGED) return faults;
  if (securityContext.privileged) faults.push('is privileged');
  if (securityContext.allowPrivilegeEscalation !== false) faults.push('allows privilege escalation');
  if (!securityContext.capabilities?.drop?.includes('ALL')) faults.push('keeps capabilities');
  const seccomp = securityContext.seccompProfile ?? pod.securityContext?.seccompProfile;
  if (seccomp?.type !== 'RuntimeDefault') faults.push('has no seccomp profile');
  return faults;
}
