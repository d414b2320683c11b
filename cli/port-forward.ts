// SPDX-License-Identifier: Apache-2.0
import { Duplex, PassThrough } from 'node:stream';
import { type KubeConfig, PortForward } from '@kubernetes/client-node';
import { ApiError } from '../kube/api-error.ts';
import { Complaint, complainOf } from './complaint.ts';

/** Opens a connection to a port of a pod by way of the API server and the kubelet, which dial it inside the pod. */
export async function openForward(
  config: KubeConfig,
  { namespace, name, port }: { readonly namespace: string; readonly name: string; readonly port: number },
): Promise<Duplex> {
  const incoming = new PassThrough();
  const outgoing = new PassThrough();
  const errors = new PassThrough();
  const socket = await new PortForward(config)
    .portForward(namespace, name, [port], incoming, errors, outgoing)
    .catch((error: unknown) => {
      throw complainOf(refusalOf(error), { verb: 'create', resource: 'pods/portforward', namespace });
    });
  const both = Duplex.from({ readable: incoming, writable: outgoing });
  errors.once('data', (data: Buffer) => {
    both.destroy(new Complaint(`pod ${namespace}/${name}, port ${port}: ${data.toString('utf8').trim()}`));
  });
  const close = (): void => {
    if ('close' in socket) socket.close();
  };
  if ('onclose' in socket) socket.onclose = () => void incoming.end();
  return both.once('close', close);
}

/** The client of WebSockets reports only the status of an answer that is none, in a message. */
function refusalOf(error: unknown): unknown {
  const message = (error as { readonly message?: unknown }).message;
  const [, status] = /Unexpected server response: (\d+)/.exec(String(message)) ?? [];
  if (status === undefined)
    return new ApiError({ status: 0, reason: 'Unreachable', message: String(message) });
  return new ApiError({ status: Number(status), reason: 'Refused', message: String(message) });
}
