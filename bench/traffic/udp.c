// SPDX-License-Identifier: Apache-2.0
// Small packets as fast as they go, one way. What counts is what the receiver took out of its socket. The receiver
// spins: a sleeping one would make the sender pay for waking it, and the more so the slower the path is.
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "ends.h"

#define BATCH 64
#define PAYLOAD 18 /* with Ethernet, IPv4, UDP headers and the checksum of the wire: 64 bytes */
#define HELLO 'H'
#define BUFFER (4 << 20)
#define SOFTIRQ_PIDS 300 /* kernel threads of the CPUs are the first processes of all */

struct batch {
	struct mmsghdr messages[BATCH];
	struct iovec vectors[BATCH];
	char payloads[BATCH][PAYLOAD];
};

static void prepare(struct batch *batch)
{
	memset(batch, 0, sizeof(*batch));
	for (int i = 0; i < BATCH; i++) {
		batch->vectors[i] = (struct iovec){batch->payloads[i], PAYLOAD};
		batch->messages[i].msg_hdr.msg_iov = &batch->vectors[i];
		batch->messages[i].msg_hdr.msg_iovlen = 1;
	}
}

static void answer_hello(int fd)
{
	struct sockaddr_in client;
	socklen_t length = sizeof(client);
	char hello;

	if (recvfrom(fd, &hello, 1, 0, (struct sockaddr *)&client, &length) < 0 ||
	    sendto(fd, &hello, 1, 0, (struct sockaddr *)&client, length) < 0)
		fail("answering the first packet");
}

static void serve(const struct ends *ends)
{
	struct batch batch;
	int buffer = BUFFER, fd = open_socket(SOCK_DGRAM);

	prepare(&batch);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof(buffer)) ||
	    bind(fd, (const struct sockaddr *)&ends->server, sizeof(ends->server)))
		fail("bind");
	ends->shared->is_ready = 1;
	answer_hello(fd);
	for (;;) {
		int count = recvmmsg(fd, batch.messages, BATCH, MSG_DONTWAIT, NULL);

		if (count > 0)
			ends->shared->received += (uint64_t)count;
	}
}

/* A first packet and its answer: a flow without an answer is a new one to every stateful firewall. */
static void say_hello(int fd)
{
	struct pollfd poller = {.fd = fd, .events = POLLIN};
	char hello = HELLO;

	if (send(fd, &hello, 1, 0) != 1 || poll(&poller, 1, ANSWER_NS / 1000000) != 1 || recv(fd, &hello, 1, 0) != 1) {
		errno = ETIMEDOUT;
		fail("the first packet is not answered");
	}
}

static uint64_t blast(int fd, struct batch *batch, uint64_t until)
{
	uint64_t sent = 0;

	while (now_ns() < until) {
		int count = sendmmsg(fd, batch->messages, BATCH, 0);

		if (count < 0 && errno != ENOBUFS)
			fail("sendmmsg");
		sent += count > 0 ? (uint64_t)count : 0;
	}
	return sent;
}

/* The thread that carries packets of the sender's CPU when there are many. */
static FILE *open_softirq_thread(void)
{
	char path[64], name[32];

	for (int pid = 2; pid < SOFTIRQ_PIDS; pid++) {
		FILE *file;
		int found;

		snprintf(path, sizeof(path), "/proc/%d/comm", pid);
		file = fopen(path, "r");
		if (!file)
			continue;
		found = fgets(name, sizeof(name), file) && !strcmp(name, "ksoftirqd/0\n");
		fclose(file);
		snprintf(path, sizeof(path), "/proc/%d/schedstat", pid);
		if (found)
			return fopen(path, "r");
	}
	return NULL;
}

/* What sender and kernel have worked on packets: what others take of the machine is not in it. The kernel counts its work
 * on a packet as the sender's own, unless it leaves it to its thread. */
static uint64_t worked_ns(FILE *thread)
{
	struct timespec time;
	uint64_t thread_ns = 0;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	if (thread && (fseek(thread, 0, SEEK_SET) || fscanf(thread, "%" SCNu64, &thread_ns) != 1))
		fail("schedstat");
	return (uint64_t)time.tv_sec * 1000000000ull + (uint64_t)time.tv_nsec + thread_ns;
}

static void drive(const struct ends *ends)
{
	struct batch batch;
	int fd = open_socket(SOCK_DGRAM);
	FILE *thread = open_softirq_thread();
	uint64_t before, began, worked, sent, received, ended;

	prepare(&batch);
	if (connect(fd, (const struct sockaddr *)&ends->server, sizeof(ends->server)))
		fail("connect");
	say_hello(fd);
	blast(fd, &batch, now_ns() + WARM_UP_NS);
	before = ends->shared->received;
	began = now_ns();
	worked = worked_ns(thread);
	sent = blast(fd, &batch, began + ends->duration_ns);
	received = ends->shared->received - before;
	ended = now_ns();
	worked = worked_ns(thread) - worked;
	printf("{\"perSecond\": %.0f, \"perCpuSecond\": %.0f, \"sent\": %" PRIu64 ", \"received\": %" PRIu64 "}\n",
	       (double)received * 1e9 / (double)(ended - began), (double)received * 1e9 / (double)worked, sent, received);
}

const struct mode udp_mode = {"udp", serve, drive};
