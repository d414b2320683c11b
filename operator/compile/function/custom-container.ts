// SPDX-License-Identifier: Apache-2.0
import { customTemplateOf } from '../../../api/custom-template.ts';
import { functionVariables } from '../../../api/function-environment.ts';
import {
  type CustomFunctionProbe,
  type CustomFunctionSpec,
  type CustomFunctionVariable,
  functionPort,
  interfacesOf,
} from '../../../api/index.ts';

/** As any function's: without limits, since one on CPU would throttle packets. */
const DEFAULT_RESOURCES = { requests: { cpu: '50m', memory: '96Mi' } };

const TOKEN_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';
const TOKEN_SECONDS = 3600;

/** What the API gives to every container of a pod, and here to ours alone. */
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

/** What our program is told besides what every function is told. */
export function ourVariables(spec: CustomFunctionSpec): unknown[] {
  return [
    { name: functionVariables.interfaces, value: interfacesOf(spec).join(' ') },
    { name: functionVariables.template, value: customTemplateOf(spec) },
  ];
}

/** The container with people's own image. What it may and must do: docs/custom-functions.md. */
export function customContainer(spec: CustomFunctionSpec): unknown {
  const { command, args, ports, imagePullPolicy, readinessProbe, pod, capabilities = [] } = spec;
  return {
    name: 'function',
    image: spec.image,
    ...optional({ imagePullPolicy, command, args, ports }),
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
    // Our program knows when the last flow has ended; until then this container is not told that the pod is to go.
    lifecycle: { preStop: { httpGet: { path: '/drained', port: functionPort, scheme: 'HTTP' } } },
    securityContext: {
      allowPrivilegeEscalation: false,
      // The kernel gives capabilities to root only, whoever the image would be.
      runAsUser: 0,
      capabilities: { drop: ['ALL'], add: ['NET_ADMIN', ...[...capabilities].sort()] },
    },
  };
}

function variableOf({ name, value, secretKeyRef, configMapKeyRef }: CustomFunctionVariable): unknown {
  if (secretKeyRef) return { name, valueFrom: { secretKeyRef } };
  if (configMapKeyRef) return { name, valueFrom: { configMapKeyRef } };
  return { name, value };
}

/** All fields, also those that Kubernetes would fill in. */
function probeOf({ exec, httpGet, tcpSocket, ...times }: CustomFunctionProbe): unknown {
  return { ...optional({ exec, httpGet, tcpSocket }), successThreshold: 1, ...times };
}

function optional(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
