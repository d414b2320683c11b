/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 * The service function forwarder (RFC 7665): sends a packet to the next hop of its path, or to its destination behind the
 * last hop. Of the hop's instances it takes the one that the flow is pinned to, else the one that the hash selects among
 * those that take new flows.
 */
#ifndef HEDDLE_STEER_H
#define HEDDLE_STEER_H

#include "leave.h"

/* The ifindex of the host side by which a packet enters an instance; 0: the instance is on another node. */
static __always_inline __u32 entrance_of(const struct instance *instance, const struct context *context)
{
	return context->is_reply && instance->right ? instance->right : instance->ifindex;
}

static __always_inline int enter_instance(struct __sk_buff *skb, __u32 ifindex, const struct context *context)
{
	struct hop_key key = {.path = context->path,
			      .slot = context->position + (context->is_reply ? MAX_HOPS : 0)};

	count_traffic(&hop_traffic, &key, skb->len);
	return redirect_to_peer(skb, ifindex, encode_mark(context));
}

static __always_inline int send_to_instance(struct __sk_buff *skb, struct work *work, __u16 id,
					    const struct instance *instance)
{
	__u8 destination[ETH_ALEN];

	encode_mac(destination, CTX_MAC_TO, &work->context, id);
	if (write_macs(skb, destination, work->source_mac))
		return drop(skb, DROP_MALFORMED);
	if (instance->ifindex)
		return enter_instance(skb, entrance_of(instance, &work->context), &work->context);
	return send_to_node(skb, work->vni, &instance->vtep, instance->flags & INSTANCE_F_VTEP_V6);
}

/* Finds the instance of a hop for a packet, by the pin of its flow, else by a note or the hash; 0: none. Keeps the pin.
 * Sets `id`, and `is_new` if the flow had no pin. */
static __always_inline const struct instance *instance_for(struct work *work, const struct path_view *path,
							   const struct hop *hop, __u16 *id, int *is_new)
{
	struct hop_key key = make_hop_key(path, &work->context);
	struct flow *known = find_flow(&work->key);
	const struct instance *instance = 0;

	*id = !known || work->packet.is_bare_syn ? 0 : work->context.is_reply ? known->left : known->right;
	if (*id) { /* never for a bare SYN: pins outlive connections */
		instance = find_pinned(work, known, *id, hop->pool);
		if (instance) {
			set_side(work->context.is_reply ? &known->right : &known->left, work->emitter);
			return instance;
		}
		count_event(EVENT_FLOW_MOVED);
	} else if ((hop->flags & HOP_F_REWRITES) && !work->packet.is_bare_syn) {
		*id = noted_ahead(work);
		instance = find_usable(*id, hop->pool);
	}
	if (!instance) {
		*id = choose_instance(&work->key, hop, &key);
		instance = find_usable(*id, hop->pool);
	}
	if (instance)
		*is_new = remember(work, work->emitter, *id);
	return instance;
}

/* Delivers a packet behind the last hop, to the Port that owns its destination address. */
static __always_inline int leave_path(struct __sk_buff *skb, const struct path_view *path, struct work *work)
{
	struct address destination;
	enum drop_reason reason = load_destination(skb, &destination);
	const struct endpoint *endpoint;

	if (reason)
		return drop(skb, reason);
	endpoint = find_endpoint(work->vni, &destination);
	/* A pod on this node answers from here, so its answer must find the emitter. For a pod on another node, that node
	 * keeps the pin, and checks the flow. */
	if (endpoint && work->emitter && (endpoint->ifindex || path->flags & PATH_F_REWRITES)) {
		reason = leave(skb, work, LEAVE_EMITTER | (endpoint->ifindex ? LEAVE_AT_POD : 0));
		if (reason)
			return drop_at(skb, &work->context, reason);
	}
	return deliver(skb, work, endpoint, work->source_mac);
}

/* Sends a packet to the first hop from `context.position` (inclusive) that has an instance for it, or to its destination.
 * Skips hops without an instance only if their onFailure is Open. It is not static, so that the verifier checks it once, and
 * not for each way to its calls. */
__noinline int steer(struct __sk_buff *skb, struct work *work)
{
	const struct path_view *path;

	if (!work)
		return drop(skb, DROP_MALFORMED);
	path = &work->path;
	for (int i = 0; i < MAX_HOPS && work->context.position < path->hops; i++) {
		const struct hop *hop = find_hop(path, &work->context);
		const struct instance *instance;
		int is_new = 0;
		__u16 id;

		if (!hop)
			return drop(skb, DROP_UNKNOWN_PATH);
		work->key.segment = segment_before(work, work->context.position);
		instance = instance_for(work, path, hop, &id, &is_new);
		if (is_new && work->emitter && (path->flags & PATH_F_REWRITES))
			leave_note(skb, path, work);
		if (instance)
			return send_to_instance(skb, work, id, instance);
		if (!(hop->flags & HOP_F_OPEN))
			return drop_at(skb, &work->context, DROP_HOP_DOWN);
		work->context.position = next_position(&work->context);
	}
	return leave_path(skb, path, work);
}

#endif
