// SPDX-License-Identifier: Apache-2.0
import koffi from 'koffi';
import { SyscallError } from './errno.ts';

/**
 * The few functions of the C library that Node does not have. No other file in the project may import koffi, and only
 * the child process loads this file: a wrong pointer ends the child, not the agent.
 */
const libc = koffi.load(null);

const functions = {
  setns: libc.func('int setns(int fd, int type)'),
  socket: libc.func('int socket(int domain, int type, int protocol)'),
  setsockopt: libc.func('int setsockopt(int fd, int level, int name, void *value, uint32_t size)'),
  bind: libc.func('int bind(int fd, void *address, uint32_t size)'),
  sendmmsg: libc.func('int sendmmsg(int fd, void *messages, uint32_t count, int flags)'),
  send: libc.func('intptr_t send(int fd, void *data, size_t size, int flags)'),
  recv: libc.func('intptr_t recv(int fd, void *data, size_t size, int flags)'),
  // `syscall` is variadic in C; both ABIs that we run on pass integers of a variadic call like any others.
  bpf: libc.func('long syscall(long number, int command, void *attr, uint32_t size)'),
};

const BPF_SYSCALL_NUMBER: Readonly<Record<string, number>> = { x64: 321, arm64: 280 };
const CLONE_NEWNET = 0x40000000;
const MSG_DONTWAIT = 0x40;

export function setNetworkNamespace(fd: number): void {
  check('setns', functions.setns(fd, CLONE_NEWNET));
}

export function openSocket(options: { domain: number; type: number; protocol: number }): number {
  return check('socket', functions.socket(options.domain, options.type, options.protocol));
}

export function setSocketOption(
  fd: number,
  option: { level: number; name: number; value: Uint8Array },
): void {
  const { level, name, value } = option;
  check(`setsockopt ${level}/${name}`, functions.setsockopt(fd, level, name, value, value.length));
}

export function bindSocket(fd: number, address: Uint8Array): void {
  check('bind', functions.bind(fd, address, address.length));
}

/** Sends `count` messages of an array of `struct mmsghdr`; returns how many the kernel accepted. Never waits. */
export function sendMessages(fd: number, messages: Uint8Array, count: number): number {
  return check('sendmmsg', functions.sendmmsg(fd, messages, count, MSG_DONTWAIT));
}

export function sendBytes(fd: number, data: Uint8Array): number {
  return check('send', functions.send(fd, data, data.length, 0));
}

export function receiveBytes(fd: number, into: Uint8Array): number {
  return check('recv', functions.recv(fd, into, into.length, 0));
}

/** Runs bpf(2); throws a SyscallError on failure, else returns its value (a descriptor for some commands). */
export function bpfCall(what: string, command: number, attr: Uint8Array): number {
  const number = BPF_SYSCALL_NUMBER[process.arch];
  if (number === undefined) throw new Error(`bpf: no system call number for ${process.arch}`);
  return check(what, functions.bpf(number, command, attr, attr.length));
}

/** The address of a buffer's first byte. The caller keeps the buffer alive until the call that uses it is over. */
export function addressOf(buffer: Uint8Array): bigint {
  return koffi.address(buffer);
}

function check(what: string, result: number): number {
  if (result >= 0) return result;
  throw new SyscallError(what, koffi.errno());
}
