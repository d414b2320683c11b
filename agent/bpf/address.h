/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 * Addresses: 16 bytes in network order, IPv4 mapped.
 */
#ifndef HEDDLE_ADDRESS_H
#define HEDDLE_ADDRESS_H

#include <bpf/bpf_endian.h>

#include "maps.h"

static __always_inline void map_ipv4(struct address *out, __be32 address)
{
	out->word[0] = 0;
	out->word[1] = 0;
	out->word[2] = bpf_htonl(0xffff);
	out->word[3] = address;
}

static __always_inline int is_mapped_v4(const struct address *address)
{
	return !address->word[0] && !address->word[1] && address->word[2] == bpf_htonl(0xffff);
}

static __always_inline int same_address(const struct address *a, const struct address *b)
{
	return a->word[0] == b->word[0] && a->word[1] == b->word[1] && a->word[2] == b->word[2] &&
	       a->word[3] == b->word[3];
}

/* Orders two addresses: negative, 0 or positive. Words are compared as they are in memory, without a byte swap: callers
 * need a consistent order only. */
static __always_inline int compare_addresses(const struct address *a, const struct address *b)
{
	for (int i = 0; i < 4; i++) {
		if (a->word[i] != b->word[i])
			return a->word[i] < b->word[i] ? -1 : 1;
	}
	return 0;
}

#endif
