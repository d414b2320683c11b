/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 * Source ports of a pod's flows to load balancers and their backends. Without this, two flows of the pod from one port could
 * have the same tuple at a backend: those to two load balancers with this backend, to two listeners with one target port, or
 * to a load balancer and to the backend itself. All flows of a pod leave it on its node, so this node sees the clash when
 * the second flow begins. It gives that flow another port on the network: it changes the port in all packets from the pod,
 * and changes it back in the answers. Nobody else knows of it.
 *
 * - The first packet of a flow decides: a bare SYN, or a datagram. A TCP connection that is met later (its node has just been
 *   upgraded, or its entry was lost) keeps its port.
 * - Flows that go directly to backends share a port, as their tuples differ.
 */
#ifndef HEDDLE_SOURCE_H
#define HEDDLE_SOURCE_H

#include "learn.h"

/* Times in ticks. A port is free again this long after the last packet of its flow. */
#define SEEN_EVERY 8192		 /* 8.6 s */
#define HELD_DATAGRAM (3 << 16)	 /* 206 s, longer than connection tracking in the instances keeps a UDP flow */
#define HELD_ENDED (1 << 16)	 /* 69 s, longer than TIME_WAIT */
#define HELD_CONNECTION (1 << 26) /* 19.5 h */
/* If no port is free, a flow is moved to one whose flow is over for this long. */
#define HELD_DATAGRAM_LEAST (2 * SEEN_EVERY)
#define HELD_ENDED_LEAST 2048

/* To which ports flows are moved: those that hosts choose by themselves (net.ipv4.ip_local_port_range). Load balancers have
 * those above for health checks, and those below for clients outside (operator/compile/function/source-ports.ts). */
#define FIRST_MOVED 32768
#define MOVED_PORTS 28232
#define MOVE_TRIES 64

static __noinline const struct source *find_spilled_source(const struct source_key *key)
{
	return key && has_spilled(LRU_SOURCES) ? bpf_map_lookup_elem(&spilled_sources, key) : 0;
}

static __always_inline const struct source *find_source(const struct source_key *key)
{
	const struct source *known = bpf_map_lookup_elem(&sources, key);

	return known ? known : find_spilled_source(key);
}

/* Adds `work->source` as the entry of `work->source_key`. Fails if there is one. */
static __noinline int add_source(const struct work *work)
{
	if (!work)
		return -1;
	if (may_add(work->vni, &work->packet.source, LRU_SOURCES))
		return bpf_map_update_elem(&sources, &work->source_key, &work->source, BPF_NOEXIST);
	count_event(EVENT_SOURCE_SPILLED);
	return bpf_map_update_elem(&spilled_sources, &work->source_key, &work->source, BPF_NOEXIST);
}

/* Replaces the entry of `work->source_key` by `work->source`. Fails if there is none any more. */
static __noinline int replace_source(const struct work *work)
{
	if (!work)
		return -1;
	if (!bpf_map_update_elem(&sources, &work->source_key, &work->source, BPF_EXIST))
		return 0;
	return bpf_map_update_elem(&spilled_sources, &work->source_key, &work->source, BPF_EXIST);
}

/* Copies the entry of `work->source_key` to `work->source`, consistently: see read_end. */
static __noinline int read_source(struct work *work)
{
	if (!work)
		return END_UNKNOWN;
	for (int i = 0; i < READ_TRIES; i++) {
		const struct source *known = find_source(&work->source_key);

		if (!known)
			return END_UNKNOWN;
		work->source = *known;
		barrier();
		if (find_source(&work->source_key) != known ||
		    !same_words(known, &work->source, sizeof(work->source)))
			continue;
		barrier();
		if (find_source(&work->source_key) == known)
			return END_KNOWN;
	}
	return END_CONTENDED;
}

static __always_inline void make_held_key(struct work *work, const struct address *pod, __u16 port)
{
	__builtin_memset(&work->source_key, 0, sizeof(work->source_key));
	work->source_key.vni = work->vni;
	work->source_key.protocol = work->packet.protocol;
	work->source_key.pod = *pod;
	work->source_key.port = port;
}

static __always_inline void make_moved_key(struct work *work)
{
	make_held_key(work, &work->packet.flow_source, work->packet.source_port);
	work->source_key.far = work->packet.flow_destination;
	work->source_key.far_port = work->packet.destination_port;
}

/* Whether the entry that was read is of the far end `far` and `port`. */
static __always_inline int is_of(const struct work *work, const struct address *far, __u16 port)
{
	return work->source.far_port == port && same_address(&work->source.far, far);
}

/* Whether the flow that holds the port which was read is over. `least`: no other port was found. */
static __always_inline int is_over(const struct work *work, int least)
{
	__s32 idle = ticks() - work->source.seen;

	if (work->packet.protocol == IPPROTO_UDP)
		return idle > (least ? HELD_DATAGRAM_LEAST : HELD_DATAGRAM);
	if (work->source.flags & SOURCE_F_ENDED)
		return idle > (least ? HELD_ENDED_LEAST : HELD_ENDED);
	return idle > HELD_CONNECTION;
}

/* Makes the entry of a port that the packet's flow holds from now on. */
static __always_inline void begin_source(struct work *work, int is_balanced, __u16 own_port)
{
	__builtin_memset(&work->source, 0, sizeof(work->source));
	work->source.far = work->packet.destination;
	work->source.far_port = work->packet.destination_port;
	work->source.port = own_port;
	work->source.flags = is_balanced ? SOURCE_F_BALANCED : 0;
	work->source.seen = ticks();
	work->is_new_source = is_balanced != 0;
}

/* Stores, if it is news, that the flow of the entry which was read goes on or ends. */
static __always_inline void note_packet(struct work *work)
{
	__u32 flags = work->source.flags;
	__u32 now = ticks();

	if (work->packet.is_bare_syn)
		flags &= ~SOURCE_F_ENDED;
	else if ((work->packet.is_fin || work->packet.is_reset) && !(flags & SOURCE_F_SEVERAL))
		flags |= SOURCE_F_ENDED;
	if (flags == work->source.flags && now - work->source.seen < SEEN_EVERY)
		return;
	work->source.flags = flags;
	work->source.seen = now;
	replace_source(work);
}

/* Stores that several flows have the port of the entry which was read, directly. */
static __always_inline void share_port(struct work *work)
{
	__u32 now = ticks();

	if (work->source.flags & SOURCE_F_SEVERAL && now - work->source.seen < SEEN_EVERY)
		return;
	work->source.flags = SOURCE_F_SEVERAL;
	work->source.seen = now;
	replace_source(work);
}

struct search {
	struct work *work;
	__u32 is_balanced;
	__u16 port; /* the one that was found; 0: none */
};

/* Tries to hold one port; a callback of bpf_loop. */
static long try_port(__u32 index, struct search *search)
{
	struct work *work = search->work;
	__u16 port = FIRST_MOVED + bpf_get_prandom_u32() % MOVED_PORTS;
	int state;

	if (!work)
		return 1;
	make_held_key(work, &work->packet.source, port);
	state = read_source(work);
	if (state == END_CONTENDED || (state == END_KNOWN && !is_over(work, index >= MOVE_TRIES / 2)))
		return 0;
	begin_source(work, search->is_balanced, work->packet.source_port);
	if (state == END_KNOWN ? replace_source(work) : add_source(work))
		return 0;
	search->port = port;
	return 1;
}

/* Holds another port for the packet's flow. Returns 0 if none is free. */
static __noinline __u16 find_port(struct work *work, int is_balanced)
{
	struct search search = {.work = work, .is_balanced = is_balanced};
	__u32 zero = 0, one = 1;

	if (!work)
		return 0;
	bpf_loop(MOVE_TRIES, try_port, &search, 0);
	if (!search.port)
		return 0;
	count_event(EVENT_PORT_MOVED);
	bpf_map_update_elem(&moves, &zero, &one, BPF_ANY);
	make_moved_key(work);
	__builtin_memset(&work->source, 0, sizeof(work->source));
	work->source.port = search.port;
	work->source.seen = ticks();
	if (add_source(work))
		replace_source(work);
	return search.port;
}

/* Whether a moved flow still holds its port. If only that entry was lost, it is made again. */
static __always_inline int still_holds(struct work *work, int is_balanced, __u16 port)
{
	int state;

	make_held_key(work, &work->packet.flow_source, port);
	state = read_source(work);
	if (state == END_KNOWN) {
		if (!is_of(work, &work->packet.flow_destination, work->packet.destination_port) ||
		    work->source.port != work->packet.source_port)
			return 0;
		note_packet(work);
		return 1;
	}
	if (state != END_UNKNOWN || work->packet.is_icmp_error)
		return 0;
	begin_source(work, is_balanced, work->packet.source_port);
	return !add_source(work);
}

/* Writes another port into a packet, or into the packet that an ICMP error quotes: at `offset` of the transport header,
 * where the source or the destination port is. Returns 0 on success. */
static __noinline int write_port(struct __sk_buff *skb, const struct packet *packet, __u32 offset, __u16 from, __u16 to)
{
	__be16 old_port = bpf_htons(from), new_port = bpf_htons(to);
	__u32 header, checksum;
	__u64 flags = 0;

	if (!packet)
		return -1;
	header = packet->is_icmp_error ? packet->quoted : packet->transport;
	if (!header)
		return 0; /* a later fragment has no ports */
	if (packet->is_icmp_error) {
		checksum = packet->transport + offsetof(struct icmp6hdr, icmp6_cksum); /* as in ICMP over IPv4 */
	} else if (packet->protocol == IPPROTO_TCP) {
		checksum = header + offsetof(struct tcphdr, check);
	} else {
		checksum = header + offsetof(struct udphdr, check);
		flags = BPF_F_MARK_MANGLED_0;
	}
	return bpf_l4_csum_replace(skb, checksum, old_port, new_port, flags | sizeof(new_port)) ||
	       bpf_skb_store_bytes(skb, header + offset, &new_port, sizeof(new_port), 0);
}

#define SOURCE_PORT 0
#define DESTINATION_PORT 2

/* Changes the source port of a pod's packet. An ICMP error of the pod goes against the flow that it quotes, so there it is the
 * destination port. */
static __always_inline enum drop_reason move_to(struct __sk_buff *skb, struct work *work, __u16 port)
{
	if (write_port(skb, &work->packet, work->packet.is_icmp_error ? DESTINATION_PORT : SOURCE_PORT,
		       work->packet.source_port, port))
		return DROP_MALFORMED;
	work->packet.source_port = port;
	work->is_moved = 1;
	return DROP_NONE;
}

/* Whether the load balancer of a path may send to the port that a packet goes to. */
static __always_inline int is_target(const struct work *work, __u32 path)
{
	const struct path *known = bpf_map_lookup_elem(&paths, &path);
	struct listener_key key = {.path = path,
				   .protocol = work->packet.protocol,
				   .family = is_mapped_v4(&work->packet.destination) ? 4 : 6,
				   .target_port = work->packet.destination_port};

	/* The listeners of other paths are not known. */
	return !known || !(known->flags & PATH_F_TRANSLATED) || bpf_map_lookup_elem(&listeners, &key);
}

/*
 * Holds the source port of a packet that a pod sends to a load balancer (`is_balanced`) or directly to a backend. If another
 * flow holds it, the packet gets another port. It is not static, so that the verifier checks it once.
 */
__noinline enum drop_reason hold_port(struct __sk_buff *skb, struct work *work, int is_balanced)
{
	struct packet *packet;
	int state, held = 0, is_same = 0;
	struct source holder;
	__u16 port;

	if (!work)
		return DROP_MALFORMED;
	packet = &work->packet;
	work->is_new_source = 0;
	if (packet->protocol != IPPROTO_TCP && packet->protocol != IPPROTO_UDP)
		return DROP_NONE;
	make_held_key(work, &packet->flow_source, packet->source_port);
	state = read_source(work);
	if (state == END_CONTENDED)
		return DROP_CONTENDED;
	if (state == END_KNOWN) {
		is_same = is_of(work, &packet->flow_destination, packet->destination_port);
		if (is_same && work->source.port == packet->source_port) {
			if (!packet->is_icmp_error)
				note_packet(work);
			return DROP_NONE;
		}
		held = !is_over(work, 0);
	}
	holder = work->source;
	make_moved_key(work);
	if (read_source(work) == END_KNOWN) {
		port = work->source.port;
		if (still_holds(work, is_balanced, port))
			return move_to(skb, work, port);
	}
	if (packet->is_icmp_error)
		return DROP_NONE;
	make_held_key(work, &packet->source, packet->source_port);
	if (!held) {
		if (packet->is_fin || packet->is_reset) /* of a connection whose entry was lost */
			return DROP_NONE;
		begin_source(work, is_balanced, packet->source_port);
		if (!(state == END_KNOWN ? replace_source(work) : add_source(work)))
			return DROP_NONE;
		/* Another CPU was first, perhaps with a packet of the same flow. */
		return read_source(work) == END_KNOWN && is_of(work, &packet->destination, packet->destination_port)
			       ? DROP_NONE
			       : DROP_CONTENDED;
	}
	if (!is_balanced && !(holder.flags & SOURCE_F_BALANCED)) {
		if (holder.port == packet->source_port) { /* flows that go directly share the port */
			work->source = holder;
			share_port(work);
			return DROP_NONE;
		}
		if (!is_same) /* a flow was moved there that goes elsewhere */
			return DROP_NONE;
	}
	if (packet->protocol == IPPROTO_TCP ? !packet->is_bare_syn : !is_balanced && !is_target(work, holder.path))
		return DROP_NONE;
	port = find_port(work, is_balanced);
	return port ? move_to(skb, work, port) : DROP_NO_SOURCE_PORT;
}

/* Stores the path of a flow to a load balancer, once its first packet has been classified. */
static __always_inline void note_path(struct work *work, __u32 path)
{
	if (!work->is_new_source)
		return;
	make_held_key(work, &work->packet.source, work->packet.source_port);
	if (read_source(work) != END_KNOWN)
		return;
	work->source.path = path;
	replace_source(work);
}

/* Notes that the far end has reset a connection of a pod of this node. */
static __always_inline void note_reset(struct work *work)
{
	const struct packet *packet = &work->packet;

	make_held_key(work, &packet->flow_destination, packet->destination_port);
	if (read_source(work) == END_KNOWN && is_of(work, &packet->flow_source, packet->source_port))
		note_packet(work);
}

/* Whether a flow was ever moved on this node. */
static __always_inline int has_moves(void)
{
	__u32 zero = 0;
	const __u32 *any = bpf_map_lookup_elem(&moves, &zero);

	return any && *any;
}

/* Changes the destination port of a packet that is about to reach a pod of this node back to the one that its socket has, if
 * the packet answers a flow that was moved. Parses the packet anew: it may have been translated. */
__noinline int restore_port(struct __sk_buff *skb, struct work *work)
{
	const struct packet *packet;

	if (!work || parse_work(skb, work))
		return 0;
	packet = &work->packet;
	if (packet->protocol != IPPROTO_TCP && packet->protocol != IPPROTO_UDP)
		return 0;
	make_held_key(work, &packet->flow_destination, packet->destination_port);
	if (read_source(work) != END_KNOWN || work->source.port == packet->destination_port ||
	    !is_of(work, &packet->flow_source, packet->source_port))
		return 0;
	return write_port(skb, packet, packet->is_icmp_error ? SOURCE_PORT : DESTINATION_PORT, packet->destination_port,
			  work->source.port);
}

/* Delivers a packet to the Port that has its destination, with the port that the pod's socket has. */
static __always_inline int deliver(struct __sk_buff *skb, struct work *work, const struct endpoint *endpoint,
				   const __u8 *source_mac)
{
	if (endpoint && endpoint->ifindex && has_moves())
		restore_port(skb, work);
	return deliver_to(skb, work->vni, endpoint, source_mac);
}

#endif
