/* SPDX-License-Identifier: Apache-2.0
 * RFC 7665's service function forwarder: to the next hop of the path, or to the destination behind its end.
 */
#ifndef HEDDLE_STEER_H
#define HEDDLE_STEER_H

#include "deliver.h"

/* `position` counts hops in the chain's order; 0xff stands before the first one, `hops` behind the last. */
#define BEFORE_FIRST 0xff

always_inline __u8 next_position(const struct context *context)
{
	return context->is_reply ? context->position - 1 : context->position + 1;
}

always_inline int enter_instance(struct __sk_buff *skb, __u32 ifindex, const struct context *context)
{
	struct hop_key key = {.path = context->path, .slot = context->position};

	add_traffic(bpf_map_lookup_elem(&hop_traffic, &key), skb->len);
	return redirect_to_peer(skb, ifindex, encode_mark(context));
}

always_inline int send_to_instance(struct __sk_buff *skb, __u32 vni, __u16 id, const struct context *context,
				   const __u8 *source_mac)
{
	__u32 key = id;
	const struct instance *instance = bpf_map_lookup_elem(&instances, &key);
	__u8 destination[MAC_LEN];

	if (!instance)
		return drop(skb, DROP_HOP_DOWN);
	encode_mac(destination, CTX_MAC_TO, context, id);
	if (write_macs(skb, destination, source_mac))
		return drop(skb, DROP_MALFORMED);
	if (instance->ifindex)
		return enter_instance(skb, instance->ifindex, context);
	return redirect_to_node(skb, vni, &instance->vtep, instance->flags & INSTANCE_F_VTEP_V6);
}

/* Sends the packet on from `context->position` (inclusive), skipping hops that are down and may be. */
static __attribute__((noinline)) int steer(struct __sk_buff *skb, const struct path *path, struct context *context,
					   const __u8 *source_mac)
{
	struct address destination;
	enum drop_reason reason;

	if (!path || !context || !source_mac)
		return drop(skb, DROP_MALFORMED);
	for (int i = 0; i < MAX_HOPS && context->position < path->hops; i++) {
		struct hop_key key = {.path = context->path, .slot = context->position + MAX_HOPS * path->bank};
		const struct hop *hop = bpf_map_lookup_elem(&hops, &key);

		if (!hop)
			return drop(skb, DROP_UNKNOWN_PATH);
		if (hop->count)
			return send_to_instance(skb, path->vni, hop->instance, context, source_mac);
		if (!(hop->flags & HOP_F_OPEN))
			return drop(skb, DROP_HOP_DOWN);
		context->position = next_position(context);
	}
	reason = load_destination(skb, &destination);
	if (reason)
		return drop(skb, reason);
	return deliver(skb, path->vni, &destination, source_mac);
}

#endif
