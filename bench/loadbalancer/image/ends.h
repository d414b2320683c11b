/* SPDX-License-Identifier: Apache-2.0
 * Client and server of the benchmark of load balancers: what a request is, and what both need.
 */
#ifndef BENCH_BALANCER_ENDS_H
#define BENCH_BALANCER_ENDS_H

#include <netinet/in.h>
#include <stdint.h>

/* A request is one byte, and so is its answer. */
#define KEEP 'k'  /* answer, and wait for the next one */
#define CLOSE 'c' /* answer and close */

#define EVENTS 256
#define MOST_SERVERS 16

struct plan {
	struct sockaddr_in servers[MOST_SERVERS]; /* in turn */
	int count;
	char request; /* KEEP or CLOSE */
	int connections; /* at once */
	uint64_t duration_ns;
};

uint64_t now_ns(void);
void fail(const char *what) __attribute__((noreturn));
int open_tcp(void);
void watch(int poller, int fd, uint32_t events, uint64_t data);

void serve(uint16_t port) __attribute__((noreturn));
/* Prints one line of JSON. */
void ask(const struct plan *plan);

#endif
