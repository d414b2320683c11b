/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 * The context of a packet on its path, and its two encodings: in a MAC between host sides, in a mark inside a function.
 */
#ifndef HEDDLE_CONTEXT_H
#define HEDDLE_CONTEXT_H

#include "packet.h"

struct context {
	__u16 path;
	__u8 position;
	__u8 is_reply;
	__u8 is_probe;
	__u8 bounces;
};

static __always_inline void encode_mac(__u8 mac[6], __u8 first, const struct context *context, __u16 instance)
{
	mac[0] = first;
	mac[1] = (context->is_probe ? CTX_F_PROBE : 0) | (context->is_reply ? CTX_F_REPLY : 0) |
		 (context->bounces << CTX_F_BOUNCES_SHIFT & CTX_F_BOUNCES) | (context->position & CTX_F_POSITION);
	mac[2] = context->path >> 8;
	mac[3] = context->path;
	mac[4] = instance >> 8;
	mac[5] = instance;
}

static __always_inline __u16 decode_mac(const __u8 mac[6], struct context *context)
{
	context->is_probe = (mac[1] & CTX_F_PROBE) != 0;
	context->is_reply = (mac[1] & CTX_F_REPLY) != 0;
	context->bounces = (mac[1] & CTX_F_BOUNCES) >> CTX_F_BOUNCES_SHIFT;
	context->position = mac[1] & CTX_F_POSITION;
	context->path = (__u16)mac[2] << 8 | mac[3];
	return (__u16)mac[4] << 8 | mac[5];
}

static __always_inline __u32 encode_mark(const struct context *context)
{
	return MARK_CONTEXT | (context->is_probe ? MARK_PROBE : 0) | (context->is_reply ? MARK_REPLY : 0) |
	       (__u32)context->position << MARK_POSITION_SHIFT | context->path;
}

static __always_inline void decode_mark(__u32 mark, struct context *context)
{
	context->is_probe = (mark & MARK_PROBE) != 0;
	context->is_reply = (mark & MARK_REPLY) != 0;
	context->bounces = 0;
	context->position = (mark >> MARK_POSITION_SHIFT) & CTX_F_POSITION;
	context->path = mark & MARK_PATH;
}

#endif
