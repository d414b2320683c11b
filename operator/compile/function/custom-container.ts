// SPDX-License-Identifier: Apache-2.0
import { customTemplateOf } from '../../../api/custom-template.ts';
import { drainHeader, functionVariables } from '../../../api/function-environment.ts';
import {
  type CustomFunctionProbe,
  type CustomFunctionSpec,
  type CustomFunctionVariable,
  functionPort,
  interfacesOf,
} from '../../../api/index.ts';
import { portOf } from '../../../api/list-defaults.ts';
import { DEFAULT_RESOURCES } from '../workload/program.ts';

/** What our program needs beside a custom function. It sees no packets, so a limit on CPU delays none. */
const OUR_REQUESTS = { ...DEFAULT_RESOURCES.requests, 'ephemeral-storage': '32Mi' };
const OUR_LIMITS = { cpu: '1', memory: '256Mi', 'ephemeral-storage': '256Mi' };

const TOKEN_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';
const TOKEN_SECONDS = 3600;

/** Volumes that Kubernetes gives to every container of a pod. Only our container gets them here. */
export const ourVolumes = [
  {
    name: 'token',
    projected: {
      sources: [
        { serviceAccountToken: { path: 'token', expirationSeconds: TOKEN_SECONDS } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        {
          downwardAPI: {
            items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
          },
        },
      ],
    },
  },
];

export const ourMounts = [{ name: 'token', mountPath: TOKEN_FOLDER, readOnly: true }];

/** Environment variables of our program beside a custom function, in addition to those of every function. */
export function ourVariables(spec: CustomFunctionSpec): unknown[] {
  return [
    { name: functionVariables.interfaces, value: interfacesOf(spec).join(' ') },
    { name: functionVariables.template, value: customTemplateOf(spec) },
  ];
}

/**
 * Resources of our program beside a custom function. It has requests and limits for what `pod.resources` names, because
 * a quota or LimitRange that asks for them asks every container. The amounts are its own.
 */
export function ourResources({ pod }: CustomFunctionSpec): unknown {
  const { requests = {}, limits = {} } = pod?.resources ?? {};
  return {
    requests: { ...DEFAULT_RESOURCES.requests, ...pick(OUR_REQUESTS, { ...requests, ...limits }) },
    ...(Object.keys(limits).length > 0 && { limits: pick(OUR_LIMITS, limits) }),
  };
}

function pick(from: Readonly<Record<string, string>>, named: object): Record<string, string> {
  return Object.fromEntries(Object.entries(from).filter(([name]) => name in named));
}

/** Folders that the user's container may write when its root file system is read-only. */
const WRITABLE = [
  { name: 'function-run', mountPath: '/run', emptyDir: { medium: 'Memory', sizeLimit: '64Mi' } },
  { name: 'function-tmp', mountPath: '/tmp', emptyDir: { sizeLimit: '256Mi' } },
];

/** Volumes of the user's container. */
export function customVolumes({ readOnlyRootFilesystem }: CustomFunctionSpec): unknown[] {
  return readOnlyRootFilesystem ? WRITABLE.map(({ name, emptyDir }) => ({ name, emptyDir })) : [];
}

/** The container with the user's image. docs/custom-functions.md says what it may and must do. */
export function customContainer(spec: CustomFunctionSpec, uid: string): unknown {
  const { command, args, ports, imagePullPolicy, readinessProbe, pod, capabilities = [] } = spec;
  const { readOnlyRootFilesystem } = spec;
  return {
    name: 'function',
    image: spec.image,
    ...optional({ imagePullPolicy, command, args, ports: ports?.map(portOf) }),
    env: [
      { name: functionVariables.interfaces, value: interfacesOf(spec).join(' ') },
      {
        name: functionVariables.pod,
        valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } },
      },
      ...(spec.env ?? []).map(variableOf),
    ],
    resources: pod?.resources ?? DEFAULT_RESOURCES,
    ...optional({ readinessProbe: readinessProbe && probeOf(readinessProbe) }),
    // Our program knows when the last flow has ended. Until then this container gets no SIGTERM.
    lifecycle: {
      preStop: {
        httpGet: {
          path: '/drained',
          port: functionPort,
          scheme: 'HTTP',
          httpHeaders: [{ name: drainHeader, value: uid }],
        },
      },
    },
    securityContext: {
      allowPrivilegeEscalation: false,
      // The kernel gives capabilities only to root, whatever user the image names.
      runAsUser: 0,
      capabilities: { drop: ['ALL'], add: ['NET_ADMIN', ...[...capabilities].sort()] },
      ...(readOnlyRootFilesystem && { readOnlyRootFilesystem }),
    },
    ...(readOnlyRootFilesystem && {
      volumeMounts: WRITABLE.map(({ name, mountPath }) => ({ name, mountPath })),
    }),
  };
}

function variableOf({ name, value, secretKeyRef, configMapKeyRef }: CustomFunctionVariable): unknown {
  if (secretKeyRef) return { name, valueFrom: { secretKeyRef } };
  if (configMapKeyRef) return { name, valueFrom: { configMapKeyRef } };
  return { name, value };
}

/** The probe with all fields, also those that Kubernetes would fill in with defaults. */
function probeOf({ exec, httpGet, tcpSocket, ...times }: CustomFunctionProbe): unknown {
  return { ...optional({ exec, httpGet, tcpSocket }), successThreshold: 1, ...times };
}

function optional(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
