/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 * Handles a packet of a pod: finds its path and direction, and sends it there.
 */
#ifndef HEDDLE_FROM_POD_H
#define HEDDLE_FROM_POD_H

#include "steer.h"
#include "straight.h"
#include "toobig.h"
#include "translate.h"

/*
 * Whether an ICMP error of a pod may be true: it answers a packet that was sent to this pod, and goes to the sender of that
 * packet. A pod is sent only packets for addresses of its Port, whatever functions have rewritten before. Others' flows,
 * and what kernels store by destination (a path MTU), are none of its business.
 */
static __noinline int may_be_its_error(const struct work *work, __u32 ifindex)
{
	const struct endpoint *receiver;

	if (!work || !same_address(&work->packet.flow_destination, &work->packet.destination))
		return 0;
	receiver = find_endpoint(work->vni, &work->packet.flow_source);
	return receiver && receiver->ifindex == ifindex;
}

/*
 * Finds the path of a packet. The classes of both addresses and the rules of their pair must be of one bank, that is of
 * one policy. The agent overwrites the old bank as soon as it has switched to the new one. So a match is used only if the
 * bank is the same before and after the look-ups.
 */
static __noinline enum drop_reason classify_packet(const struct network *network, const struct endpoint *source,
						   const struct endpoint *destination, struct work *work)
{
	if (!network || !source || !work)
		return DROP_MALFORMED;
	for (int i = 0; i < SWITCH_TRIES; i++) {
		__u32 bank = READ_ONCE(network->bank);

		if (work->packet.is_icmp_error) /* its flow has other addresses than the packet */
			classify(class_of(work->vni, bank, &work->packet.flow_source),
				 class_of(work->vni, bank, &work->packet.flow_destination), bank, &work->packet,
				 &work->match);
		else
			classify(source->class_id[bank & 1], destination ? destination->class_id[bank & 1] : 0, bank,
				 &work->packet, &work->match);
		barrier();
		if (READ_ONCE(network->bank) == bank)
			return DROP_NONE;
	}
	return DROP_CONTENDED;
}

/* Sends an answer of a pod back to the function that the question came from: it enters the path at the last hop. */
static __always_inline int send_back(struct __sk_buff *skb, const struct port *port, struct work *work)
{
	work->context.path = work->end.path;
	work->key.path = work->end.path;
	if (!(work->end.flags & END_F_ANSWERED)) {
		work->end.flags |= END_F_ANSWERED;
		write_end(work);
	}
	work->context.is_reply = 1;
	work->context.position = work->path.hops - 1;
	work->emitter_position = work->path.hops;
	__builtin_memcpy(work->source_mac, port->mac, ETH_ALEN);
	return steer(skb, work);
}

/* Translates a packet as the load balancer would, and sends it directly to the other pod of the flow. */
static __always_inline int send_translated(struct __sk_buff *skb, const struct port *port, struct work *work,
					   const struct endpoint *destination)
{
	if (translate(skb, &work->packet, &work->end))
		return drop(skb, DROP_MALFORMED);
	count_event(EVENT_STRAIGHT);
	return deliver(skb, work, destination, port->mac);
}

/* Sends a packet by the path that the classifier has found: to the first hop in its direction, or straight to the
 * destination. */
static __always_inline int send_by_path(struct __sk_buff *skb, const struct port *port,
					const struct endpoint *destination, struct work *work)
{
	const struct path_view *path = find_path(work, work->match.path);

	if (!path || path->vni != work->vni)
		return drop(skb, DROP_UNKNOWN_PATH);
	work->context.path = work->match.path;
	note_path(work, work->match.path);
	if (work->has_key)
		work->key.path = work->match.path;
	else
		make_flow_key(work);
	work->context.is_reply = work->match.ways == (MATCHES_FORWARD | MATCHES_REPLY)
					 ? is_reply_of_flow(work)
					 : work->match.ways == MATCHES_REPLY;
	if ((path->flags & PATH_F_STRAIGHT) && work->packet.is_amid) {
		work->key.segment = senders_segment(path, &work->context);
		if (may_go_straight(path, work)) {
			count_event(EVENT_STRAIGHT);
			return deliver(skb, work, destination, port->mac);
		}
	}
	work->context.position = work->context.is_reply ? path->hops - 1 : 0;
	work->emitter_position = path->hops;
	__builtin_memcpy(work->source_mac, port->mac, ETH_ALEN);
	return steer(skb, work);
}

#define NOT_BY_END (-2) /* no verdict of a program */

/* Sends a pod's packet by the end of its flow: straight, or back to the function that the question came from. Returns
 * NOT_BY_END if the classifier must find its way. */
static __noinline int send_by_end(struct __sk_buff *skb, const struct port *port, struct work *work)
{
	const struct endpoint *destination;
	int state;

	if (!port || !work)
		return drop(skb, DROP_MALFORMED);
	make_flow_key(work);
	state = find_end(work);
	if (state == END_CONTENDED)
		return drop(skb, DROP_CONTENDED);
	if (state != END_KNOWN)
		return NOT_BY_END;
	destination = find_straight(work);
	if (destination)
		return send_translated(skb, port, work, destination);
	return work->end.flags & END_F_ANSWERS ? send_back(skb, port, work) : NOT_BY_END;
}

/* Sends a pod's packet by the end of its flow if one is known, else by the path of the classifier, else directly to the
 * destination. */
static __noinline int classify_and_send(struct __sk_buff *skb, const struct port *port, const struct endpoint *source,
					struct work *work)
{
	const struct network *network;
	const struct endpoint *destination;
	enum drop_reason reason;
	int verdict;

	if (!port || !source || !work)
		return drop(skb, DROP_MALFORMED);
	network = bpf_map_lookup_elem(&networks, &work->vni);
	if (!network)
		return drop(skb, DROP_UNKNOWN_NETWORK);
	if (is_too_big(skb, &work->packet, network->mtu)) {
		drop(skb, DROP_TOO_BIG);
		return answer_too_big(skb, &work->packet, network->mtu, 0);
	}
	work->checked_at = coarse_ticks() | 1; /* a pod's packet is on the path that the policy says */
	/* Read once: the agent may set the flag at any time. If the key is not made, `work->key` is of another packet. */
	work->has_key = (READ_ONCE(network->flags) & NETWORK_F_ENDS) != 0;
	work->is_new_source = 0;
	work->is_moved = 0;
	if (work->has_key) {
		verdict = send_by_end(skb, port, work);
		if (verdict != NOT_BY_END)
			return verdict;
	}
	destination = find_endpoint(work->vni, &work->packet.destination);
	if (work->has_key && destination && destination->flags & (ENDPOINT_F_VIRTUAL | ENDPOINT_F_BACKEND)) {
		reason = hold_port(skb, work, destination->flags & ENDPOINT_F_VIRTUAL);
		if (reason)
			return drop(skb, reason);
	}
	if (work->is_moved) { /* it has another tuple now */
		verdict = send_by_end(skb, port, work);
		if (verdict != NOT_BY_END)
			return verdict;
	}
	reason = classify_packet(network, source, destination, work);
	if (reason)
		return drop(skb, reason);
	if (!work->match.ways)
		return deliver(skb, work, destination, port->mac);
	return send_by_path(skb, port, destination, work);
}

#endif
