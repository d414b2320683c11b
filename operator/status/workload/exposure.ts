// SPDX-License-Identifier: Apache-2.0
/** What a person is told whose Service the API server refused. */
export function serviceRefused(refusal: string): string {
  return `spec.expose: the API server refused the Service: ${refusal}`;
}

/** What a person is told who asked for a load balancer of the cluster, and got none. */
export const NO_EXTERNAL_ADDRESS =
  'spec.expose.type: the cluster has given the Service of type LoadBalancer no address; that takes a provider of load balancers (a cloud, MetalLB). Until then, or else, say NodePort.';
