// SPDX-License-Identifier: Apache-2.0
// ends serve PORT
// ends ask connections|requests ADDRESS[,ADDRESS...] PORT CONNECTIONS MILLISECONDS
//
// A server that answers a byte with a byte, and a client that keeps so many connections busy for so long, with each
// address in turn.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "ends.h"

uint64_t now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000ull + (uint64_t)time.tv_nsec;
}

void fail(const char *what)
{
	fprintf(stderr, "ends: %s: %s\n", what, strerror(errno));
	_exit(1);
}

int open_tcp(void)
{
	int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)))
		fail("socket");
	return fd;
}

void watch(int poller, int fd, uint32_t events, uint64_t data)
{
	struct epoll_event event = {.events = events, .data.u64 = data};

	if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event))
		fail("epoll");
}

/* Not 0 when one of them is no address, or they are too many. */
static int read_servers(struct plan *plan, char *addresses, uint16_t port)
{
	for (char *each = strtok(addresses, ","); each; each = strtok(NULL, ",")) {
		struct sockaddr_in *server = &plan->servers[plan->count];

		if (plan->count == MOST_SERVERS || inet_pton(AF_INET, each, &server->sin_addr) != 1)
			return -1;
		server->sin_family = AF_INET;
		server->sin_port = htons(port);
		plan->count++;
	}
	return plan->count ? 0 : -1;
}

static int run_client(char **arguments)
{
	struct plan plan = {
		.request = !strcmp(arguments[0], "connections") ? CLOSE : KEEP,
		.connections = atoi(arguments[3]),
		.duration_ns = strtoull(arguments[4], NULL, 10) * 1000000ull,
	};

	if (read_servers(&plan, arguments[1], (uint16_t)atoi(arguments[2])) || plan.connections < 1)
		return 2;
	ask(&plan);
	return 0;
}

int main(int count, char **arguments)
{
	signal(SIGPIPE, SIG_IGN);
	if (count == 3 && !strcmp(arguments[1], "serve"))
		serve((uint16_t)atoi(arguments[2]));
	if (count == 7 && !strcmp(arguments[1], "ask"))
		return run_client(arguments + 2);
	fprintf(stderr, "usage: ends serve PORT\n"
			"       ends ask connections|requests ADDRESS[,ADDRESS...] PORT CONNECTIONS MILLISECONDS\n");
	return 2;
}
