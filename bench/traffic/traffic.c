// SPDX-License-Identifier: Apache-2.0
// traffic MODE CLIENT_NETNS SERVER_NETNS SERVER_IPV4 MILLISECONDS
//
// Drives traffic of one kind from one network namespace to another and prints what arrived as one line of JSON. Client
// and server are pinned to a CPU each, and end by themselves whatever happens.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ends.h"

#define PORT 5001
#define SLACK_SECONDS 10

static const struct mode *const modes[] = {&udp_mode, &stream_mode, &requests_mode, &connections_mode, &latency_mode};
static pid_t server_pid;

uint64_t now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000ull + (uint64_t)time.tv_nsec;
}

void fail(const char *what)
{
	fprintf(stderr, "traffic: %s: %s\n", what, strerror(errno));
	if (server_pid > 0)
		kill(server_pid, SIGKILL);
	_exit(1);
}

int open_socket(int type)
{
	int one = 1, fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)))
		fail("socket");
	return fd;
}

int open_tcp(void)
{
	int one = 1, fd = open_socket(SOCK_STREAM);

	if (setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "cubic", 5) ||
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)))
		fail("TCP options (is cubic there?)");
	return fd;
}

int listen_tcp(const struct ends *ends)
{
	int fd = open_tcp();

	if (bind(fd, (const struct sockaddr *)&ends->server, sizeof(ends->server)) || listen(fd, 1024))
		fail("listen");
	ends->shared->is_ready = 1;
	return fd;
}

int connect_tcp(const struct ends *ends)
{
	int fd = open_tcp();

	if (connect(fd, (const struct sockaddr *)&ends->server, sizeof(ends->server)))
		fail("connect");
	return fd;
}

static void enter(const char *netns, int cpu)
{
	int fd = open(netns, O_RDONLY | O_CLOEXEC);
	cpu_set_t cpus;

	if (fd < 0 || setns(fd, CLONE_NEWNET))
		fail(netns);
	close(fd);
	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus); /* a machine of one CPU has both ends on it */
}

static const struct mode *find_mode(const char *name)
{
	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		if (!strcmp(modes[i]->name, name))
			return modes[i];
	}
	return NULL;
}

int main(int count, char **arguments)
{
	const struct mode *mode = count == 6 ? find_mode(arguments[1]) : NULL;
	struct ends ends = {.server = {.sin_family = AF_INET, .sin_port = htons(PORT)}};
	uint64_t began;

	if (!mode || inet_pton(AF_INET, arguments[4], &ends.server.sin_addr) != 1) {
		fprintf(stderr, "usage: traffic udp|stream|requests|connections|latency CLIENT_NETNS SERVER_NETNS "
				"SERVER_IPV4 MILLISECONDS\n");
		return 2;
	}
	ends.duration_ns = strtoull(arguments[5], NULL, 10) * 1000000ull;
	ends.shared = mmap(NULL, sizeof(*ends.shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (ends.shared == MAP_FAILED)
		fail("mmap");
	signal(SIGPIPE, SIG_IGN);
	server_pid = fork();
	if (server_pid < 0)
		fail("fork");
	alarm((unsigned)(ends.duration_ns / 1000000000ull) + SLACK_SECONDS);
	if (server_pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		enter(arguments[3], SERVER_CPU);
		mode->serve(&ends);
		_exit(0);
	}
	enter(arguments[2], CLIENT_CPU);
	for (began = now_ns(); !ends.shared->is_ready;) {
		if (now_ns() - began > ANSWER_NS) {
			errno = ETIMEDOUT;
			fail("the server does not start");
		}
		usleep(200);
	}
	mode->drive(&ends);
	kill(server_pid, SIGKILL);
	waitpid(server_pid, NULL, 0);
	return 0;
}
