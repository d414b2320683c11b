// SPDX-License-Identifier: Apache-2.0
// One TCP connection as fast as it goes. Pages of a file in memory are sent and thrown away unread, so that it is the
// path that takes the time and not the copying.
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ends.h"

#define CHUNK (1 << 20)

static void serve(const struct ends *ends)
{
	static char chunk[CHUNK];
	int fd = accept(listen_tcp(ends), NULL, NULL);
	ssize_t count;

	if (fd < 0)
		fail("accept");
	while ((count = recv(fd, chunk, sizeof(chunk), MSG_TRUNC)) > 0)
		ends->shared->received += (uint64_t)count;
}

static void pour(int fd, int file, uint64_t until)
{
	while (now_ns() < until) {
		off_t offset = 0;

		if (sendfile(fd, file, &offset, CHUNK) < 0)
			fail("sendfile");
	}
}

static void drive(const struct ends *ends)
{
	int file = memfd_create("traffic", MFD_CLOEXEC), fd = connect_tcp(ends);
	uint64_t before, began, received, ended;

	if (file < 0 || ftruncate(file, CHUNK))
		fail("memfd");
	pour(fd, file, now_ns() + WARM_UP_NS);
	before = ends->shared->received;
	began = now_ns();
	pour(fd, file, began + ends->duration_ns);
	received = ends->shared->received - before;
	ended = now_ns();
	printf("{\"bitsPerSecond\": %.0f}\n", (double)received * 8e9 / (double)(ended - began));
}

const struct mode stream_mode = {"stream", serve, drive};
