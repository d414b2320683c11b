/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 * A frame of a function: which path, position and direction does it speak for?
 */
#ifndef HEDDLE_FROM_FUNCTION_H
#define HEDDLE_FROM_FUNCTION_H

#include "toobig.h"

/* Drops a packet that is too big for its network, and returns the error to the function that sent it, as if the next hop
 * had sent the error. */
static __noinline int refuse_of_function(struct __sk_buff *skb, const struct work *work, __u32 mtu)
{
	struct context back;

	if (!work)
		return drop(skb, DROP_MALFORMED);
	drop_at(skb, &work->context, DROP_TOO_BIG);
	back = work->context;
	back.is_reply = !back.is_reply;
	return answer_too_big(skb, &work->packet, mtu, encode_mark(&back));
}

/* Reads a frame from chain0: its source is the MAC of chain0, its destination is the context that fn_egress has written. */
static __always_inline enum drop_reason read_own(struct __sk_buff *skb, const struct port *port, struct ethhdr *eth,
						 struct context *context)
{
	enum drop_reason reason = check_frame(skb, port, eth);

	if (reason)
		return reason;
	if (eth->h_dest[0] != CTX_MAC_TO)
		return DROP_NO_CONTEXT;
	decode_mac(eth->h_dest, context);
	return DROP_NONE;
}

/*
 * Reads a frame from `left` or `right`. It is one of two:
 * - a frame that entered by the other interface, its MACs unchanged;
 * - an answer to a frame that entered by this interface, its MACs exchanged.
 * The context must name this instance, and a direction that leaves by this interface.
 */
static __noinline enum drop_reason read_frame(struct __sk_buff *skb, const struct port *port,
					      struct ethhdr *eth, struct context *context)
{
	int is_answer;

	if (!port || !eth || !context)
		return DROP_MALFORMED;
	if (is_tagged(skb))
		return DROP_VLAN;
	if (load(skb, 0, eth, sizeof(*eth)))
		return DROP_MALFORMED;
	is_answer = eth->h_dest[0] != CTX_MAC_TO;
	if (is_answer && eth->h_source[0] != CTX_MAC_TO) /* mostly frames that its kernel or its bridge makes */
		return eth->h_dest[0] & 1 ? DROP_MULTICAST : DROP_NO_CONTEXT;
	if (decode_mac(is_answer ? eth->h_source : eth->h_dest, context) != port->instance)
		return DROP_WRONG_CONTEXT;
	if (is_answer)
		context->is_reply = !context->is_reply;
	return context->is_reply == !(port->flags & PORT_F_LEFT) ? DROP_WRONG_CONTEXT : DROP_NONE;
}

#endif
