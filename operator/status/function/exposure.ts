// SPDX-License-Identifier: Apache-2.0
import { formatEndpoint } from '../../../api/net/endpoint.ts';
import { NO_EXTERNAL_ADDRESS, serviceRefused } from '../workload/exposure.ts';
import type { ExposureFacts, FunctionVerdict } from './facts.ts';

/** Addresses where clients outside reach the listeners: `203.0.113.7:80/TCP`, or `NODE:30080/TCP` at every node. */
export function externalAddressesOf({ type, ports, ingress }: ExposureFacts): readonly string[] {
  if (type === 'NodePort') {
    return ports.flatMap(({ nodePort, protocol }) =>
      nodePort === undefined ? [] : [`NODE:${nodePort}/${protocol}`],
    );
  }
  return ingress.flatMap((host) =>
    ports.map(({ port, protocol }) => `${formatEndpoint(host, port)}/${protocol}`),
  );
}

/** The condition Exposed; absent for a load balancer that asks for no Service. */
export function checkExposure(facts: ExposureFacts | undefined): readonly FunctionVerdict[] {
  if (!facts) return [];
  if (facts.refusal !== undefined) {
    return [exposed('False', 'ServiceRefused', serviceRefused(facts.refusal))];
  }
  if (facts.shutBy !== undefined) {
    const message = `Nobody outside is let in: ServiceChain ${facts.shutBy} has functions before the load balancer that clients outside cannot pass; see its condition Ready.`;
    return [exposed('False', 'OutsideRefused', message)];
  }
  const addresses = externalAddressesOf(facts);
  if (addresses.length > 0) {
    const where = facts.type === 'NodePort' ? 'at every node' : addresses[0]!;
    return [
      exposed('True', 'ServiceReady', `Clients outside reach it ${where}; see status.externalAddresses.`),
    ];
  }
  if (facts.type === 'NodePort') {
    return [exposed('False', 'ServicePending', 'The Service has no port of the nodes yet.')];
  }
  return [exposed('False', 'NoExternalAddress', NO_EXTERNAL_ADDRESS)];
}

function exposed(
  status: 'True' | 'False',
  reason: 'ServiceRefused' | 'ServiceReady' | 'ServicePending' | 'NoExternalAddress' | 'OutsideRefused',
  message: string,
): FunctionVerdict {
  return { type: 'Exposed', status, reason, message } as FunctionVerdict;
}
