/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 * Parses a packet into the tuple of its flow. An ICMP error belongs to the flow that it quotes (RFC 792, RFC 4443), a later
 * fragment to the flow of the first fragment.
 */
#ifndef HEDDLE_PACKET_H
#define HEDDLE_PACKET_H

#include <linux/icmpv6.h>
#include <linux/tcp.h>

#include "budget.h"
#include "header.h"

/* linux/icmp.h draws in the C library's headers, which the BPF target does not have. RFC 792. */
#define ICMP_DEST_UNREACH 3
#define ICMP_SOURCE_QUENCH 4
#define ICMP_REDIRECT 5
#define ICMP_TIME_EXCEEDED 11
#define ICMP_PARAMETERPROB 12

/* A parsed packet: its own addresses, and the tuple of its flow. */
struct packet {
	struct address source, destination; /* the packet's own */
	struct address flow_source, flow_destination;
	__u16 source_port, destination_port; /* host order, of the flow; 0 where the protocol has none */
	__u32 transport;                     /* offset of the packet's own TCP, UDP, ... header; 0 when it has none */
	__u32 quoted;                        /* of an ICMP error: offset of the transport header that it quotes, or 0 */
	__u8 protocol;                       /* of the flow */
	__u8 is_icmp_error;
	__u8 is_bare_syn; /* SYN without ACK, it opens a connection: state of an earlier one with its tuple is obsolete */
	__u8 is_syn_ack;  /* SYN with ACK, it answers a bare SYN */
	__u8 is_amid;     /* in the midst of its flow: UDP, or TCP without SYN, FIN and RST; no fragment, no ICMP error */
	__u8 is_fin;
	__u8 is_reset;
	__u8 begins_fragments; /* the first fragment of a packet, with `fragment_id`: see keep_fragment */
	__u32 fragment_id;
};

static __always_inline int has_ports(__u8 protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_SCTP ||
	       protocol == IPPROTO_UDPLITE || protocol == IPPROTO_DCCP;
}

static __always_inline int is_icmp_error(__u8 protocol, __u8 type)
{
	if (protocol == IPPROTO_ICMP)
		return type == ICMP_DEST_UNREACH || type == ICMP_TIME_EXCEEDED || type == ICMP_PARAMETERPROB ||
		       type == ICMP_SOURCE_QUENCH || type == ICMP_REDIRECT;
	return protocol == IPPROTO_ICMPV6 && !(type & ICMPV6_INFOMSG_MASK);
}

#define USUAL_PAYLOAD (ETH_HLEN + sizeof(struct iphdr)) /* IPv4 without options: a place known to the verifier */

#define PORTS_LENGTH 4				      /* of source and destination, in all protocols that have them */
#define TCP_START_LENGTH offsetof(struct tcphdr, window) /* up to the flags */

/* Loads the first bytes of the transport header. `length` is a constant. */
static __always_inline int load_start(struct __sk_buff *skb, __u32 payload, void *to, __u32 length)
{
	return payload == USUAL_PAYLOAD ? load(skb, USUAL_PAYLOAD, to, length)
					: bpf_skb_load_bytes(skb, payload, to, length);
}

static __always_inline enum drop_reason load_ports(struct __sk_buff *skb, const struct header *header, struct packet *out)
{
	struct tcphdr start = {}; /* only its ports, unless the packet itself is TCP: a quoted header may end after them */
	int is_tcp = header->protocol == IPPROTO_TCP && !out->is_icmp_error;

	out->source_port = out->destination_port = 0;
	out->is_bare_syn = 0;
	out->is_syn_ack = 0;
	out->is_amid = 0;
	out->is_fin = 0;
	out->is_reset = 0;
	if (!has_ports(header->protocol))
		return DROP_NONE;
	if (is_tcp ? load_start(skb, header->payload, &start, TCP_START_LENGTH)
		   : load_start(skb, header->payload, &start, PORTS_LENGTH))
		return DROP_MALFORMED;
	out->source_port = bpf_ntohs(start.source);
	out->destination_port = bpf_ntohs(start.dest);
	out->is_bare_syn = start.syn && !start.ack;
	out->is_syn_ack = start.syn && start.ack;
	out->is_fin = start.fin;
	out->is_reset = start.rst;
	out->is_amid = !out->is_icmp_error && !header->is_fragment &&
		       (header->protocol == IPPROTO_UDP ||
			(header->protocol == IPPROTO_TCP && !start.syn && !start.fin && !start.rst));
	return DROP_NONE;
}

/* Marks the first fragment of a packet for keep_fragment, or looks up the ports of a later one by addresses and id. */
static __always_inline enum drop_reason follow_fragment(const struct header *header, __u32 scope, struct packet *out)
{
	struct fragment_key key = {
		.scope = scope,
		.source = header->source,
		.destination = header->destination,
		.id = header->fragment_id,
		.protocol = header->protocol,
	};
	const struct fragment *known;
	struct fragment ports;

	if (!header->is_later_fragment) {
		out->begins_fragments = 1;
		out->fragment_id = header->fragment_id;
		return DROP_NONE;
	}
	known = bpf_map_lookup_elem(&fragments, &key);
	if (!known && has_spilled(LRU_FRAGMENTS))
		known = bpf_map_lookup_elem(&spilled_fragments, &key);
	if (!known)
		return DROP_UNKNOWN_FRAGMENT;
	*(__u32 *)&ports = READ_ONCE(*(const __u32 *)known); /* both ports belong to one packet */
	out->source_port = ports.source_port;
	out->destination_port = ports.destination_port;
	return DROP_NONE;
}

/* Stores the ports of a first fragment. The caller has checked that the sender may speak for the source: else others would
 * decide which rules the fragments of that source meet. */
static __always_inline void keep_fragment(const struct packet *packet, __u32 scope)
{
	struct fragment_key key = {
		.scope = scope,
		.source = packet->source,
		.destination = packet->destination,
		.id = packet->fragment_id,
		.protocol = packet->protocol,
	};
	struct fragment first = {packet->source_port, packet->destination_port};

	if (bpf_map_lookup_elem(&fragments, &key) || may_add(scope & 0xffffff, &packet->source, LRU_FRAGMENTS)) {
		bpf_map_update_elem(&fragments, &key, &first, BPF_ANY);
		return;
	}
	count_event(EVENT_FRAGMENT_SPILLED);
	bpf_map_update_elem(&spilled_fragments, &key, &first, BPF_ANY);
}

static __always_inline enum drop_reason parse_quoted(struct __sk_buff *skb, __u16 ethertype, __u32 offset, struct packet *out)
{
	struct header quoted = {};
	__u16 source_port;
	enum drop_reason reason = parse_header(skb, ethertype, offset, &quoted, 0);

	if (reason)
		return reason;
	out->is_icmp_error = 1;
	if (!quoted.is_later_fragment) {
		reason = load_ports(skb, &quoted, out);
		if (reason)
			return reason;
		out->quoted = quoted.payload;
	}
	/* The error goes against the flow that it quotes: swap. */
	out->flow_source = quoted.destination;
	out->flow_destination = quoted.source;
	source_port = out->source_port;
	out->source_port = out->destination_port;
	out->destination_port = source_port;
	out->protocol = quoted.protocol;
	return DROP_NONE;
}

/* Parses an IPv4 or IPv6 packet behind its Ethernet header. `scope` keeps the fragments of different networks and segments
 * apart. Writes no map: nothing is known of the sender yet. */
static __always_inline enum drop_reason parse_packet(struct __sk_buff *skb, __u16 ethertype, __u32 scope, struct packet *out)
{
	struct header header;
	enum drop_reason reason = parse_header(skb, ethertype, ETH_HLEN, &header, 1);

	if (reason)
		return reason;
	out->source = out->flow_source = header.source;
	out->destination = out->flow_destination = header.destination;
	out->protocol = header.protocol;
	out->is_icmp_error = 0;
	out->is_bare_syn = 0;
	out->is_syn_ack = 0;
	out->is_amid = 0;
	out->is_fin = 0;
	out->is_reset = 0;
	out->source_port = out->destination_port = 0;
	out->begins_fragments = 0;
	out->quoted = 0;
	out->transport = header.is_later_fragment ? 0 : header.payload;
	if (header.is_later_fragment)
		return has_ports(header.protocol) ? follow_fragment(&header, scope, out) : DROP_NONE;
	if (header.protocol == IPPROTO_ICMP || header.protocol == IPPROTO_ICMPV6) {
		__u8 type;

		if (bpf_skb_load_bytes(skb, header.payload, &type, sizeof(type)))
			return DROP_MALFORMED;
		if (is_icmp_error(header.protocol, type))
			return parse_quoted(skb, ethertype, header.payload + 8, out);
		return DROP_NONE;
	}
	reason = load_ports(skb, &header, out);
	if (reason)
		return reason;
	return header.is_fragment ? follow_fragment(&header, scope, out) : DROP_NONE;
}

#endif
