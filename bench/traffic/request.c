// SPDX-License-Identifier: Apache-2.0
// A byte there, a byte back. Requests and connections have IN_FLIGHT of them under way, so that both CPUs have work;
// latency has one, and both ends spin, so that no wake-up is in the figure.
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ends.h"

#define IN_FLIGHT 16
#define EVENTS 64
#define MOST_SAMPLES (1 << 21)

static void watch(int poller, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

	if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event))
		fail("epoll");
}

/* Answers; a connection of its own for each request is closed from here, so that the client's ports are free again. */
static void serve_requests(const struct ends *ends, int is_single)
{
	int listener = listen_tcp(ends), poller = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event events[EVENTS];
	char byte;

	watch(poller, listener);
	for (;;) {
		int count = epoll_wait(poller, events, EVENTS, -1);

		for (int i = 0; i < count; i++) {
			int fd = events[i].data.fd;

			if (fd == listener) {
				int accepted = accept(listener, NULL, NULL);

				if (accepted >= 0)
					watch(poller, accepted);
			} else if (recv(fd, &byte, 1, 0) != 1 || send(fd, &byte, 1, 0) != 1 || is_single) {
				close(fd);
			}
		}
	}
}

static void serve_many(const struct ends *ends)
{
	serve_requests(ends, 0);
}

static void serve_single(const struct ends *ends)
{
	serve_requests(ends, 1);
}

static void ask(int fd)
{
	char byte = 'q';

	if (send(fd, &byte, 1, 0) != 1)
		fail("send");
}

static void take_answer(int fd)
{
	char byte;

	if (recv(fd, &byte, 1, 0) != 1)
		fail("the connection ended before its answer");
}

static int open_asked(const struct ends *ends, int poller)
{
	int fd = connect_tcp(ends);

	ask(fd);
	watch(poller, fd);
	return fd;
}

static void drive_many(const struct ends *ends, int is_single)
{
	int poller = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event events[EVENTS];
	uint64_t counted_from, until, now = now_ns(), answers = 0;

	for (int i = 0; i < IN_FLIGHT; i++)
		open_asked(ends, poller);
	counted_from = now + WARM_UP_NS;
	for (until = counted_from + ends->duration_ns; now < until;) {
		int count = epoll_wait(poller, events, EVENTS, ANSWER_NS / 1000000);

		if (count <= 0) {
			errno = ETIMEDOUT;
			fail("no answer");
		}
		now = now_ns();
		answers += now >= counted_from ? (uint64_t)count : 0;
		for (int i = 0; i < count; i++) {
			take_answer(events[i].data.fd);
			if (is_single) {
				close(events[i].data.fd);
				open_asked(ends, poller);
			} else {
				ask(events[i].data.fd);
			}
		}
	}
	printf("{\"perSecond\": %.0f}\n", (double)answers * 1e9 / (double)(now - counted_from));
}

static void drive_requests(const struct ends *ends)
{
	drive_many(ends, 0);
}

static void drive_connections(const struct ends *ends)
{
	drive_many(ends, 1);
}

static void spin_for_byte(int fd)
{
	char byte;
	ssize_t count;

	while ((count = recv(fd, &byte, 1, MSG_DONTWAIT)) != 1) {
		if (count == 0 || (errno != EAGAIN && errno != EWOULDBLOCK))
			fail("the connection ended");
		sched_yield(); /* whoever carries packets in a thread of its own (ksoftirqd) must come to run */
	}
}

static void serve_spinning(const struct ends *ends)
{
	int fd = accept(listen_tcp(ends), NULL, NULL);

	if (fd < 0)
		fail("accept");
	for (;;) {
		spin_for_byte(fd);
		ask(fd);
	}
}

static int compare_samples(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return left < right ? -1 : left > right;
}

static void drive_latency(const struct ends *ends)
{
	uint32_t *samples = calloc(MOST_SAMPLES, sizeof(*samples));
	int fd = connect_tcp(ends);
	uint64_t counted_from = now_ns() + WARM_UP_NS, until = counted_from + ends->duration_ns, asked;
	size_t count = 0;

	while (((asked = now_ns()) < until || !count) && count < MOST_SAMPLES) {
		ask(fd);
		spin_for_byte(fd);
		if (asked >= counted_from)
			samples[count++] = (uint32_t)(now_ns() - asked);
	}
	qsort(samples, count, sizeof(*samples), compare_samples);
	printf("{\"p50Ns\": %" PRIu32 ", \"p99Ns\": %" PRIu32 "}\n", samples[count / 2], samples[count * 99 / 100]);
}

const struct mode requests_mode = {"requests", serve_many, drive_requests};
const struct mode connections_mode = {"connections", serve_single, drive_connections};
const struct mode latency_mode = {"latency", serve_spinning, drive_latency};
