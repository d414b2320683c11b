/* SPDX-License-Identifier: Apache-2.0
 * Two ends of traffic, each a process in a network namespace of its own: the server is the client's child.
 */
#ifndef BENCH_ENDS_H
#define BENCH_ENDS_H

#include <netinet/in.h>
#include <stdatomic.h>
#include <stdint.h>

#define CLIENT_CPU 0
#define SERVER_CPU 1
#define WARM_UP_NS 100000000ull
#define ANSWER_NS 3000000000ull /* a path that does not answer within this is broken */

/* What both ends see of each other. */
struct shared {
	_Atomic int is_ready;      /* the server listens */
	_Atomic uint64_t received; /* packets (udp) or bytes (stream) */
};

struct ends {
	struct shared *shared;
	struct sockaddr_in server;
	uint64_t duration_ns;
};

struct mode {
	const char *name;
	void (*serve)(const struct ends *ends); /* until it is killed */
	void (*drive)(const struct ends *ends); /* prints one line of JSON */
};

extern const struct mode udp_mode, stream_mode, requests_mode, connections_mode, latency_mode;

uint64_t now_ns(void);
void fail(const char *what) __attribute__((noreturn));
int open_socket(int type);
/* A TCP socket as every mode wants it: cubic whatever the machine's default is, no delay. */
int open_tcp(void);
int listen_tcp(const struct ends *ends);
int connect_tcp(const struct ends *ends);

#endif
