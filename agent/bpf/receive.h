/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 * Handles a frame from another node: sends it to its function or pod on this node, and pins the flow so that answers find
 * the instance that the frame came from.
 */
#ifndef HEDDLE_RECEIVE_H
#define HEDDLE_RECEIVE_H

#include "probe.h"
#include "steer.h"

/* Reads the sender's VTEP, the VNI and the traffic class of a VXLAN packet. */
static __always_inline int sender_vtep(struct __sk_buff *skb, __u32 *vni, struct address *vtep, __u8 *class)
{
	struct bpf_tunnel_key key = {};

	if (!bpf_skb_get_tunnel_key(skb, &key, sizeof(key), 0)) {
		map_ipv4(vtep, bpf_htonl(key.remote_ipv4));
	} else if (!bpf_skb_get_tunnel_key(skb, &key, sizeof(key), BPF_F_TUNINFO_IPV6)) {
		__builtin_memcpy(vtep, key.remote_ipv6, sizeof(*vtep));
	} else {
		return -1;
	}
	*vni = key.tunnel_id;
	*class = key.tunnel_tos;
	return 0;
}

/* Reads the emitter of another node's frame: the source MAC names an instance, else the emitter is a pod. */
static __always_inline void read_emitter(const struct ethhdr *eth, const struct path_view *path, struct work *work)
{
	struct context emitter = {};

	work->emitter = 0;
	work->emitter_position = path->hops;
	if (eth->h_source[0] == CTX_MAC_FROM) {
		work->emitter = decode_mac(eth->h_source, &emitter);
		work->emitter_position = emitter.position;
	}
	__builtin_memcpy(work->source_mac, eth->h_source, ETH_ALEN);
}

/* Bounces a frame: the instance that it is for is down or gone on this node, and its sender may not know that yet. */
static __noinline int pass_on(struct __sk_buff *skb, const struct path_view *path, struct work *work)
{
	if (!path || !work)
		return drop(skb, DROP_MALFORMED);
	if (work->context.bounces >= MAX_BOUNCES)
		return drop_at(skb, &work->context, DROP_HOP_DOWN);
	work->context.bounces++;
	count_event(EVENT_BOUNCED);
	return steer(skb, work);
}

/* Whether a pin or note on this node names another usable instance than the sender has chosen. The sender has chosen by
 * the hash alone then. */
static __always_inline int is_elsewhere(struct work *work, const struct hop *hop, __u16 chosen)
{
	__u16 id = known_ahead(work);

	if (work->packet.is_bare_syn)
		return 0;
	if (!id)
		id = noted_ahead(work);
	return id && id != chosen && find_usable(id, hop->pool);
}

/* Whether a packet may still enter a leaving instance of this node. A pod's packet makes no pin here on the segment before
 * the instance, but one on the segment behind it; so both are looked up. */
static __noinline int may_enter_here(struct work *work)
{
	const struct flow *pin;

	if (!work)
		return 0;
	pin = find_flow(&work->key);
	if (!pin) {
		struct flow_key other = work->key;

		other.segment = work->context.is_reply ? work->context.position : work->context.position + 1;
		pin = find_flow(&other);
	}
	return may_still_enter(work, pin);
}

/* Handles a frame for an instance on this node. Pins the flow, so that its answers find the instance that the frame comes
 * from. */
static __noinline int receive_for_instance(struct __sk_buff *skb, const struct ethhdr *eth,
					   struct work *work)
{
	const struct instance *instance;
	enum drop_reason reason;
	const struct path_view *path;
	const struct hop *hop;
	int is_leaving, is_sure;
	__u16 id;

	if (!eth || !work)
		return drop(skb, DROP_MALFORMED);
	id = decode_mac(eth->h_dest, &work->context);
	path = find_path(work, work->context.path);
	if (!path)
		return drop(skb, DROP_UNKNOWN_PATH);
	hop = work->context.position < path->hops ? find_hop(path, &work->context) : 0;
	read_emitter(eth, path, work);
	if (path->vni != work->vni || (work->context.is_probe ? !work->emitter : !hop))
		return drop(skb, DROP_WRONG_CONTEXT);
	instance = hop ? find_present(id, hop->pool) : 0;
	is_leaving = instance && instance->flags & INSTANCE_F_LEAVING;
	is_sure = hop && !(hop->flags & HOP_F_REWRITES);
	if (instance && instance->ifindex && !work->emitter && is_sure && !is_leaving)
		return enter_instance(skb, entrance_of(instance, &work->context), &work->context);
	reason = parse_work(skb, work);
	if (reason)
		return drop_at(skb, &work->context, reason);
	keep_first_fragment(work);
	make_flow_key(work);
	if (work->context.is_probe)
		return id ? take_note(work) : take_confirmation(path, work);
	work->key.segment = segment_before(work, work->context.position);
	if (!instance || !instance->ifindex || (is_leaving && !may_enter_here(work)))
		return pass_on(skb, path, work);
	/* A bounced frame stays: the pin may still name the instance whose node has bounced it, since that node is the
	 * first to know that its instance goes. */
	if (!is_sure && !work->context.bounces && is_elsewhere(work, hop, id))
		return pass_on(skb, path, work);
	if (!is_leaving) /* no new pin to it; and a first pin by an answer would name the wrong opener */
		remember(work, work->emitter, id);
	return enter_instance(skb, entrance_of(instance, &work->context), &work->context);
}

/* Handles a frame that an instance of another node sends to a pod on this node, behind the last hop. */
static __always_inline enum drop_reason receive_from_instance(struct __sk_buff *skb, const struct ethhdr *eth,
							 struct work *work)
{
	const struct path_view *path;
	enum drop_reason reason;

	if (!eth || !work)
		return DROP_MALFORMED;
	decode_mac(eth->h_source, &work->context);
	path = find_path(work, work->context.path);
	if (!path)
		return DROP_UNKNOWN_PATH;
	if (path->vni != work->vni)
		return DROP_WRONG_CONTEXT;
	read_emitter(eth, path, work);
	reason = parse_work(skb, work);
	if (reason)
		return reason;
	make_flow_key(work);
	reason = leave(skb, work, LEAVE_AT_POD);
	if (!reason)
		keep_first_fragment(work);
	return reason;
}

static __noinline int receive_for_port(struct __sk_buff *skb, const struct ethhdr *eth,
				       struct work *work)
{
	struct address destination;
	enum drop_reason reason;
	const struct endpoint *endpoint;
	__u32 ifindex;

	if (!eth || !work)
		return drop(skb, DROP_MALFORMED);
	reason = load_destination(skb, &destination);
	if (reason)
		return drop(skb, reason);
	endpoint = find_endpoint(work->vni, &destination);
	if (!endpoint || !endpoint->ifindex || !same_mac(eth->h_dest, endpoint->mac))
		return drop(skb, DROP_UNKNOWN_DESTINATION);
	if (eth->h_source[0] == CTX_MAC_FROM) {
		reason = receive_from_instance(skb, eth, work);
		if (reason)
			return drop_at(skb, &work->context, reason);
	}
	ifindex = endpoint->ifindex;
	if (has_moves())
		restore_port(skb, work);
	add_traffic(bpf_map_lookup_elem(&port_tx, &ifindex), skb->len);
	return redirect_to_peer(skb, ifindex, 0);
}

/* Handles a frame from another node, without its outer headers. `work->vni` is its network. */
static __always_inline int receive_frame(struct __sk_buff *skb, struct work *work, const struct address *vtep)
{
	struct ethhdr eth;

	if (!work || !vtep)
		return drop(skb, DROP_MALFORMED);
	if (work->vni == HEARTBEAT_VNI)
		return receive_heartbeat(skb, vtep);
	if (!bpf_map_lookup_elem(&networks, &work->vni))
		return drop(skb, DROP_UNKNOWN_NETWORK);
	if (is_tagged(skb))
		return drop(skb, DROP_VLAN);
	if (bpf_skb_load_bytes(skb, 0, &eth, sizeof(eth)))
		return drop(skb, DROP_MALFORMED);
	if (eth.h_dest[0] & 1)
		return drop(skb, DROP_MULTICAST);
	if (!is_ip(skb))
		return drop(skb, DROP_NOT_IP);
	return eth.h_dest[0] == CTX_MAC_TO ? receive_for_instance(skb, &eth, work)
					   : receive_for_port(skb, &eth, work);
}

#endif
