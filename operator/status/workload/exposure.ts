// SPDX-License-Identifier: Apache-2.0
/** The message for a Service that the API server refused. */
export function serviceRefused(refusal: string): string {
  return `spec.expose: the API server refused the Service: ${refusal}`;
}

/** The message when the cluster assigned no load balancer to a Service that asks for one. */
export const NO_EXTERNAL_ADDRESS =
  'spec.expose.type: the cluster has given the Service of type LoadBalancer no address; that takes a provider of load balancers (a cloud, MetalLB). Until then, or else, say NodePort.';
