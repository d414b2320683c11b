/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 * The state of flows that nodes learn from packets that leave functions: notes, confirmations and ends. Steering writes it
 * when a packet leaves an instance; straight.h reads it when a pod sends a packet.
 *
 * - A note names the instance that a flow came from, on a node that would otherwise choose by the hash.
 * - A confirmation tells a sender's node that all functions accept a flow in this direction.
 * - An end is the state of a flow whose addresses a function changes, on a pod's node (`struct end`).
 */
#ifndef HEDDLE_LEARN_H
#define HEDDLE_LEARN_H

#include "flow.h"

#define STRAIGHT_FOR 4096  /* ticks, 4.3 s: how long a confirmation of a PATH_F_STRAIGHT path holds */
#define CONFIRM_EVERY 1024 /* ticks, 1.1 s */
#define TRANSLATE_FOR 128  /* ticks, 134 ms: how long a confirmation of a PATH_F_TRANSLATED path holds */
#define TELL_EVERY 16      /* ticks, 17 ms: a later packet repeats a lost confirmation */
#define WORTH_IT 4         /* packets: for a shorter flow, a confirmation costs more than it saves */

/* --- notes --- */

/*
 * Leaves a note of the emitter of a flow's first packet. Behind a function that rewrites tuples, the hash does not lead
 * to the instance that the other direction must pass: only the pin does, and pins may be evicted. A node without the pin
 * sends an answer to the instance that the hash selects. So the note is on that instance's node, and on this one.
 */
static __noinline int leave_note(struct __sk_buff *skb, const struct path_view *path, struct work *work)
{
	struct context note = {.is_probe = 1};
	const struct instance *instance;
	struct hop_key key;
	__u8 destination[ETH_ALEN];
	const struct hop *hop;
	__u16 id;

	if (!path || !work)
		return 0;
	note.path = work->context.path;
	note.position = work->emitter_position;
	key = make_hop_key(path, &note);
	hop = find_hop(path, &note);
	if (!hop || !(hop->flags & HOP_F_REWRITES) || hop->count < 2)
		return 0;
	id = choose_instance(&work->key, hop, &key);
	if (!id || id == work->emitter)
		return 0;
	note.is_reply = work->context.is_reply;
	note.position = work->key.segment; /* 4 bits in a MAC: 16 becomes 0, which is never behind an instance */
	work->key.kind = FLOW_NOTE;
	remember(work, work->emitter, 0);
	work->key.kind = FLOW_PIN;
	instance = find_usable(id, hop->pool);
	if (!instance || instance->ifindex || skb->gso_size)
		return 0;
	encode_mac(destination, CTX_MAC_TO, &note, id);
	if (write_macs(skb, destination, work->source_mac))
		return 0;
	count_event(EVENT_NOTED);
	return clone_to_node(skb, work->vni, &instance->vtep, instance->flags & INSTANCE_F_VTEP_V6);
}

/* Stores a note from another node. The packet only carries the note, and ends here. */
static __always_inline int take_note(struct work *work)
{
	work->key.segment = work->context.position ? work->context.position : MAX_HOPS;
	work->key.kind = FLOW_NOTE;
	remember(work, work->emitter, 0);
	return TC_ACT_SHOT;
}

/* --- ends --- */

#define END_UNKNOWN 0
#define END_KNOWN 1
#define END_CONTENDED 2 /* the entry was replaced at each of READ_TRIES reads */

#define READ_TRIES 4

/* Makes `work->end_key` from the flow key, which must have been made before. */
static __always_inline void make_end_key(struct work *work)
{
	work->end_key.vni = work->vni;
	work->end_key.low_port = work->key.low_port;
	work->end_key.high_port = work->key.high_port;
	work->end_key.low = work->key.low;
	work->end_key.high = work->key.high;
	work->end_key.protocol = work->key.protocol;
}

static __noinline const struct end *find_spilled_end(const struct end_key *key)
{
	return key && has_spilled(LRU_ENDS) ? bpf_map_lookup_elem(&spilled_ends, key) : 0;
}

static __always_inline const struct end *find_entry(const struct end_key *key)
{
	const struct end *known = bpf_map_lookup_elem(&ends, key);

	return known ? known : find_spilled_end(key);
}

/* Compares two values of a map, of whole words. */
static __always_inline int same_words(const void *a, const void *b, __u32 size)
{
	const __u32 *left = a, *right = b;

	for (__u32 i = 0; i < size / sizeof(*left); i++) {
		if (left[i] != right[i])
			return 0;
	}
	return 1;
}

/*
 * Copies the entry of `work->end_key` to `work->end`, consistently. The kernel may evict an entry of an LRU map and give
 * its memory to another flow during the copy. But it removes the entry from its bucket first, and programs replace entries
 * and never change one in place. So the copy is of this flow if a second look-up of the key finds the same memory, and the
 * memory has not been another flow's in between: it still says what was copied, and is still this flow's then.
 */
static __noinline int read_end(struct work *work)
{
	if (!work)
		return END_UNKNOWN;
	for (int i = 0; i < READ_TRIES; i++) {
		const struct end *known = find_entry(&work->end_key);

		if (!known)
			return END_UNKNOWN;
		work->end = *known;
		barrier();
		if (find_entry(&work->end_key) != known || !same_words(known, &work->end, sizeof(work->end)))
			continue;
		barrier();
		if (find_entry(&work->end_key) == known)
			return END_KNOWN;
	}
	return END_CONTENDED;
}

/* Adds `work->end` as the entry of `work->end_key`, or replaces it. */
static __always_inline int write_end(const struct work *work)
{
	if (find_spilled_end(&work->end_key))
		return bpf_map_update_elem(&spilled_ends, &work->end_key, &work->end, BPF_ANY);
	if (!bpf_map_lookup_elem(&ends, &work->end_key)) {
		if (!may_add(work->vni, &work->packet.flow_source, LRU_ENDS)) {
			count_event(EVENT_END_SPILLED);
			return bpf_map_update_elem(&spilled_ends, &work->end_key, &work->end, BPF_ANY);
		}
		count_event(EVENT_END_ADDED);
	}
	return bpf_map_update_elem(&ends, &work->end_key, &work->end, BPF_ANY);
}

static __always_inline void forget_end(const struct work *work)
{
	if (bpf_map_delete_elem(&ends, &work->end_key) && has_spilled(LRU_ENDS))
		bpf_map_delete_elem(&spilled_ends, &work->end_key);
}

/* The listener that a packet was sent to, found when it leaves the load balancer; 0: not known, or one of several. */
static __always_inline const struct listener *find_listener(const struct work *work)
{
	struct listener_key key = {};
	const struct listener *listener;

	key.path = work->context.path;
	key.protocol = work->packet.protocol;
	key.family = is_mapped_v4(&work->packet.destination) ? 4 : 6;
	key.target_port = work->packet.destination_port;
	listener = bpf_map_lookup_elem(&listeners, &key);
	return listener && listener->port ? listener : 0;
}

/* Stores the backend of a flow on the client's node. `work` is of a packet as it leaves the load balancer. */
static __noinline int learn_backend(const struct path_view *path, struct work *work)
{
	const struct packet *packet;
	const struct listener *asked;
	struct end_key *key;
	int client_is_low;
	struct end fresh = {};

	if (!path || !work)
		return 0;
	packet = &work->packet;
	asked = find_listener(work);
	if (!asked)
		return 0;
	key = &work->end_key;
	client_is_low = compare_addresses(&packet->source, &asked->address) < 0; /* two addresses, never one */
	key->vni = work->vni;
	key->protocol = packet->protocol;
	key->low = client_is_low ? packet->source : asked->address;
	key->high = client_is_low ? asked->address : packet->source;
	key->low_port = client_is_low ? packet->source_port : asked->port;
	key->high_port = client_is_low ? asked->port : packet->source_port;
	fresh.path = work->context.path;
	fresh.flags = client_is_low ? END_F_POD_IS_LOW : 0;
	fresh.address = packet->destination;
	fresh.port = packet->destination_port;
	fresh.epoch = path->epoch;
	fresh.until = (ticks() + TRANSLATE_FOR) | 1; /* 0 says never */
	work->end = fresh;
	write_end(work);
	return 0;
}

/* --- confirmations --- */

/* The segment of the pin on the sender's node. */
static __always_inline __u8 senders_segment(const struct path_view *path, const struct context *context)
{
	return context->is_reply ? path->hops : 0;
}

/* Stores on the sender's node that all functions accept the flow; without a pin there, it stores nothing. It is stored for
 * this flow alone: another one must not bypass its functions. */
static __noinline int confirm_here(const struct path_view *path, struct work *work)
{
	if (!path || !work)
		return 0;
	work->key.segment = senders_segment(path, &work->context);
	if (!copy_flow(work))
		return 0; /* the next confirmation comes soon */
	work->fresh.straight_epoch = path->epoch;
	work->fresh.straight_until = (ticks() + STRAIGHT_FOR) | 1; /* 0 says never */
	replace_flow(work);
	return 0;
}

/* Stores a confirmation from the receiver's node. The packet only carries the confirmation, and ends here. */
static __always_inline int take_confirmation(const struct path_view *path, struct work *work)
{
	if (path->flags & PATH_F_TRANSLATED)
		learn_backend(path, work);
	else
		confirm_here(path, work);
	return TC_ACT_SHOT;
}

/* Confirms a packet's flow to the sender's node, by a copy of the packet; if the sender is on this node, stores the
 * confirmation here. Restores the frame. */
static __noinline int tell_sender(struct __sk_buff *skb, const struct path_view *path, struct work *work)
{
	const struct endpoint *sender;
	struct context note = {.is_probe = 1};
	__u8 macs[2 * ETH_ALEN];
	__u8 destination[ETH_ALEN];

	if (!path || !work)
		return 0;
	sender = find_endpoint(work->vni, &work->packet.source);
	if (!sender || !(sender->flags & ENDPOINT_F_PORT))
		return 0;
	count_event(EVENT_CONFIRMED);
	if (sender->ifindex)
		return take_confirmation(path, work);
	note.is_reply = work->context.is_reply;
	note.path = work->context.path;
	encode_mac(destination, CTX_MAC_TO, &note, 0); /* no instance: a confirmation */
	if (bpf_skb_load_bytes(skb, 0, macs, sizeof(macs)) || write_macs(skb, destination, work->source_mac))
		return 0;
	clone_to_node(skb, work->vni, &sender->vtep, sender->flags & ENDPOINT_F_VTEP_V6);
	return write_macs(skb, macs, macs + ETH_ALEN);
}

/* Confirms a flow, at most once in CONFIRM_EVERY, when a packet of a PATH_F_STRAIGHT path has passed all functions to a pod
 * of this node. `work->key` must be of the receiver's segment. */
static __noinline int confirm(struct __sk_buff *skb, const struct path_view *path, struct work *work)
{
	struct flow *flow;
	__u32 now = ticks() | 1;

	if (!path || !work || !work->packet.is_amid)
		return 0;
	flow = find_flow(&work->key);
	if (!flow || (flow->confirmed_at && now - flow->confirmed_at < CONFIRM_EVERY))
		return 0;
	flow->confirmed_at = now; /* one word; if the memory is of another flow by now, its confirmation comes later */
	return tell_sender(skb, path, work);
}

/* Confirms a flow of a PATH_F_TRANSLATED path when a packet in the midst of the flow leaves the load balancer to a pod of
 * this node. The pod's answers may go straight once the load balancer has seen one; the client's node is notified. */
static __always_inline int confirm_translated(struct __sk_buff *skb, const struct path_view *path,
					      struct work *work)
{
	const struct listener *asked;
	__u32 now = ticks() | 1;

	if (read_end(work) != END_KNOWN)
		return 0;
	asked = find_listener(work);
	work->end.told_at = now;
	if (asked && work->end.flags & END_F_ANSWERED) {
		work->end.address = asked->address;
		work->end.port = asked->port;
		work->end.epoch = path->epoch;
		work->end.until = (now + TRANSLATE_FOR) | 1;
	}
	write_end(work);
	return asked ? tell_sender(skb, path, work) : 0;
}

/*
 * Stores the end of a flow when a packet of a path is about to reach a pod of this node, so that the pod's answers find the
 * path although no rule of the classifier matches them. A bare SYN replaces the entry. The entry is read in place here,
 * and a wrong value is harmless: the entry is made anew, or the flow is confirmed a packet earlier or later. What is
 * written from an entry was read by read_end. Restores the frame.
 */
static __noinline int learn_end(struct __sk_buff *skb, const struct path_view *path, struct work *work)
{
	const struct end *known;
	__u8 flags;

	if (!path || !work)
		return 0;
	if (!(path->flags & PATH_F_REWRITES) || work->context.is_reply || work->packet.is_icmp_error)
		return 0;
	make_end_key(work);
	flags = END_F_ANSWERS | (work->source_is_low ? 0 : END_F_POD_IS_LOW);
	known = find_entry(&work->end_key);
	if (!known || known->path != work->context.path || (known->flags ^ flags) & END_F_WHOSE ||
	    work->packet.is_bare_syn) {
		__builtin_memset(&work->end, 0, sizeof(work->end));
		work->end.path = work->context.path;
		work->end.flags = flags;
		write_end(work);
		return 0;
	}
	if (!work->packet.is_amid)
		return 0;
	if (known->seen < WORTH_IT) {
		if (read_end(work) != END_KNOWN)
			return 0;
		work->end.seen++;
		write_end(work);
		return 0;
	}
	if (!(path->flags & PATH_F_TRANSLATED) || (known->told_at && (ticks() | 1) - known->told_at < TELL_EVERY))
		return 0;
	return confirm_translated(skb, path, work);
}

#endif
