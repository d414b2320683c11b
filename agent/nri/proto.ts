// SPDX-License-Identifier: Apache-2.0
import protobuf from 'protobufjs';

/**
 * The messages of NRI (containerd/nri, pkg/api/api.proto) and ttrpc (request.proto) that we read and write.
 * Fields that we have no use for are left out: protobuf skips what it does not know.
 */
const source = `
syntax = "proto3";

message Request { string service = 1; string method = 2; bytes payload = 3; }
message Response { Status status = 1; bytes payload = 2; }
message Status { int32 code = 1; string message = 2; }

message Empty {}
message RegisterPluginRequest { string plugin_name = 1; string plugin_idx = 2; }
message ConfigureRequest { string config = 1; string runtime_name = 2; string runtime_version = 3; string nri_version = 6; }
message ConfigureResponse { int32 events = 2; }
message SynchronizeRequest { repeated PodSandbox pods = 1; repeated Container containers = 2; bool more = 3; }
message SynchronizeResponse { bool more = 2; }
message PodRequest { PodSandbox pod = 1; }
message ContainerRequest { PodSandbox pod = 1; Container container = 2; }
message StateChangeEvent { int32 event = 1; PodSandbox pod = 2; Container container = 3; }

message PodSandbox {
  string id = 1;
  string name = 2;
  string uid = 3;
  string namespace = 4;
  map<string, string> labels = 5;
  map<string, string> annotations = 6;
  LinuxPodSandbox linux = 8;
}
message LinuxPodSandbox { repeated LinuxNamespace namespaces = 5; }
message LinuxNamespace { string type = 1; string path = 2; }
message Container {
  string id = 1;
  string pod_sandbox_id = 2;
  string name = 3;
  int32 state = 4;
  map<string, string> labels = 5;
  map<string, string> annotations = 6;
  int64 created_at = 14;
}
`;

const { root } = protobuf.parse(source, { keepCase: false });

/** What each message looks like once it is read; absent fields have their defaults. */
export interface Messages {
  Request: { service: string; method: string; payload: Uint8Array };
  Response: { status: { code: number; message: string } | null; payload: Uint8Array };
  Empty: Record<never, never>;
  RegisterPluginRequest: { pluginName: string; pluginIdx: string };
  ConfigureRequest: { runtimeName: string; runtimeVersion: string; nriVersion: string };
  ConfigureResponse: { events: number };
  SynchronizeRequest: { pods: PodSandbox[]; containers: NriContainer[]; more: boolean };
  SynchronizeResponse: { more: boolean };
  PodRequest: { pod: PodSandbox | null };
  ContainerRequest: { pod: PodSandbox | null; container: NriContainer | null };
  StateChangeEvent: { event: number; pod: PodSandbox | null };
}

export interface PodSandbox {
  readonly id: string;
  readonly name: string;
  readonly uid: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly linux: { readonly namespaces: readonly { readonly type: string; readonly path: string }[] } | null;
}

export interface NriContainer {
  readonly id: string;
  readonly podSandboxId: string;
  readonly name: string;
  /** 1 created, 2 paused, 3 running, 4 stopped. */
  readonly state: number;
  /** In nanoseconds since 1970; 0 from runtimes that do not tell. */
  readonly createdAt: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export function encode<Name extends keyof Messages>(name: Name, value: Partial<Messages[Name]>): Uint8Array {
  const type = root.lookupType(name);
  return type.encode(type.fromObject(value)).finish();
}

/** Throws on bytes that are not such a message. */
export function decode<Name extends keyof Messages>(name: Name, bytes: Uint8Array): Messages[Name] {
  const type = root.lookupType(name);
  // `Messages` is the schema above said in types; protobufjs cannot tie the two together.
  return type.toObject(type.decode(bytes), {
    defaults: true,
    arrays: true,
    objects: true,
    longs: Number,
  }) as Messages[Name];
}
