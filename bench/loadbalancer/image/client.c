// SPDX-License-Identifier: Apache-2.0
// So many connections at once, each with one request under way. One that asks to be closed is over when the server has
// closed it, and another takes its place.
//
// What it costs is read from /proc/stat, which a container sees of the whole machine: everything that any CPU did in the
// time that counts, but what a hypervisor took away (steal).
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ends.h"

#define IS_NEW (1ull << 32)
#define WARM_UP_NS 200000000ull
#define SILENCE_MS 5000 /* whoever answers nobody for so long is broken */

struct tally {
	uint64_t answers, failures;
};

static double busy_seconds(void)
{
	uint64_t user, nice, system, idle, iowait, irq, softirq;
	FILE *file = fopen("/proc/stat", "r");

	if (!file || fscanf(file,
			    "cpu %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64,
			    &user, &nice, &system, &idle, &iowait, &irq, &softirq) != 7)
		fail("/proc/stat");
	fclose(file);
	return (double)(user + nice + system + irq + softirq) / (double)sysconf(_SC_CLK_TCK);
}

static void open_one(const struct plan *plan, int poller)
{
	static int turn;
	const struct sockaddr_in *server = &plan->servers[turn++ % plan->count];
	int fd = open_tcp();

	if (connect(fd, (const struct sockaddr *)server, sizeof(*server)) && errno != EINPROGRESS)
		fail("connect");
	watch(poller, fd, EPOLLOUT, (uint64_t)fd | IS_NEW);
}

static void replace(const struct plan *plan, int poller, int fd)
{
	close(fd);
	open_one(plan, poller);
}

static int send_request(const struct plan *plan, int fd)
{
	return send(fd, &plan->request, 1, 0) == 1;
}

/* The first that a connection says is that it stands: from then on only what comes in is of interest. */
static int greet(const struct plan *plan, int poller, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uint64_t)fd};

	return !epoll_ctl(poller, EPOLL_CTL_MOD, fd, &event) && send_request(plan, fd);
}

/* 1: a whole request is done, 0: not yet, -1: the connection broke. */
static int take_answer(const struct plan *plan, int fd)
{
	char bytes[2];
	ssize_t count = recv(fd, bytes, sizeof(bytes), 0);

	if (count < 0)
		return errno == EAGAIN ? 0 : -1;
	if (plan->request == CLOSE)
		return count == 0;
	return count == 1 && send_request(plan, fd) ? 1 : -1;
}

static void handle(const struct plan *plan, int poller, struct epoll_event event, struct tally *tally)
{
	int fd = (int)(uint32_t)event.data.u64, is_new = (event.data.u64 & IS_NEW) != 0, done;

	if (event.events & EPOLLERR)
		done = -1;
	else if (is_new)
		done = greet(plan, poller, fd) ? 0 : -1;
	else
		done = take_answer(plan, fd);
	if (done > 0)
		tally->answers++;
	if (done < 0)
		tally->failures++;
	if (done < 0 || (done > 0 && plan->request == CLOSE))
		replace(plan, poller, fd);
}

static uint64_t run_until(const struct plan *plan, int poller, uint64_t until, struct tally *tally)
{
	struct epoll_event events[EVENTS];
	uint64_t now;

	while ((now = now_ns()) < until) {
		int count = epoll_wait(poller, events, EVENTS, SILENCE_MS);

		if (count <= 0) {
			errno = ETIMEDOUT;
			fail("no answer");
		}
		for (int i = 0; i < count; i++)
			handle(plan, poller, events[i], tally);
	}
	return now;
}

void ask(const struct plan *plan)
{
	int poller = epoll_create1(EPOLL_CLOEXEC);
	struct tally warm = {0}, counted = {0};
	uint64_t began, ended;
	double busy;

	for (int i = 0; i < plan->connections; i++)
		open_one(plan, poller);
	began = run_until(plan, poller, now_ns() + WARM_UP_NS, &warm);
	busy = busy_seconds();
	ended = run_until(plan, poller, began + plan->duration_ns, &counted);
	busy = busy_seconds() - busy;
	printf("{\"answers\": %" PRIu64 ", \"failures\": %" PRIu64 ", \"seconds\": %.6f, \"cpuSeconds\": %.6f}\n",
	       counted.answers, warm.failures + counted.failures, (double)(ended - began) / 1e9, busy);
}
