// SPDX-License-Identifier: Apache-2.0
// Answers. It is the server that closes, so that the ports of whoever asks are free again at once.
#define _GNU_SOURCE
#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ends.h"

static int listen_at(uint16_t port)
{
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = open_tcp();

	if (bind(fd, (const struct sockaddr *)&any, sizeof(any)) || listen(fd, 4096))
		fail("listen");
	return fd;
}

static void accept_all(int poller, int listener)
{
	int fd;

	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
		watch(poller, fd, EPOLLIN, (uint64_t)fd);
}

static void answer(int fd)
{
	char byte;
	ssize_t count = recv(fd, &byte, 1, 0);

	if (count < 0 && errno == EAGAIN)
		return;
	if (count != 1 || send(fd, &byte, 1, 0) != 1 || byte == CLOSE)
		close(fd);
}

void serve(uint16_t port)
{
	int listener = listen_at(port), poller = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event events[EVENTS];

	watch(poller, listener, EPOLLIN, (uint64_t)listener);
	for (;;) {
		int count = epoll_wait(poller, events, EVENTS, -1);

		for (int i = 0; i < count; i++) {
			int fd = (int)events[i].data.u64;

			if (fd == listener)
				accept_all(poller, listener);
			else
				answer(fd);
		}
	}
}
