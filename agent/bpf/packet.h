/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 * From bytes to a tuple: what flow does this packet belong to?
 * An ICMP error belongs to the flow that it quotes (RFC 792, RFC 4443), a later fragment to its first one.
 */
#ifndef HEDDLE_PACKET_H
#define HEDDLE_PACKET_H

#include <linux/icmpv6.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <bpf/bpf_endian.h>

#include "maps.h"

#define IP_MORE_FRAGMENTS 0x2000
#define IP_OFFSET 0x1fff
#define MAX_EXTENSIONS 6

/* linux/icmp.h draws in the C library's headers, which the BPF target does not have. RFC 792. */
#define ICMP_DEST_UNREACH 3
#define ICMP_SOURCE_QUENCH 4
#define ICMP_REDIRECT 5
#define ICMP_TIME_EXCEEDED 11
#define ICMP_PARAMETERPROB 12

/* What a packet says of itself: its own ends, and the tuple of the flow that it belongs to. */
struct packet {
	struct address source, destination; /* the packet's own */
	struct address flow_source, flow_destination;
	__u16 source_port, destination_port; /* host order, of the flow; 0 where the protocol has none */
	__u32 transport;                     /* offset of the packet's own TCP, UDP, ... header; 0 when it has none */
	__u8 protocol;                       /* of the flow */
	__u8 is_icmp_error;
	__u8 is_bare_syn; /* it opens a connection: what is known of an earlier one with the same tuple is past */
	__u8 is_syn_ack;  /* it answers what opens a connection */
	__u8 is_amid;     /* UDP, or TCP that neither opens nor ends its connection, and whole */
};

/* One IP header, outer or quoted. */
struct header {
	struct address source, destination;
	__u32 payload;     /* offset of what follows */
	__u32 fragment_id; /* valid when is_fragment */
	__u8 protocol;
	__u8 is_fragment;
	__u8 is_later_fragment;
};

static __always_inline void *start_of(struct __sk_buff *skb)
{
	return (void *)(long)skb->data;
}

static __always_inline void *end_of(struct __sk_buff *skb)
{
	return (void *)(long)skb->data_end;
}

/* Reads bytes of the packet: headers lie in front nearly always, and then a helper's call is saved. */
static __always_inline int load(struct __sk_buff *skb, __u32 offset, void *to, __u32 length)
{
	void *from = start_of(skb) + offset;

	if (from + length > end_of(skb))
		return bpf_skb_load_bytes(skb, offset, to, length);
	__builtin_memcpy(to, from, length);
	return 0;
}

static __always_inline int is_ip(struct __sk_buff *skb)
{
	return skb->protocol == bpf_htons(ETH_P_IP) || skb->protocol == bpf_htons(ETH_P_IPV6);
}

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

/* RFC 1071: the checksum that a sum of words comes to. */
static __always_inline __u16 fold(__u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

static __always_inline enum drop_reason parse_ipv4(struct __sk_buff *skb, __u32 offset, struct header *out, int strict)
{
	struct iphdr ip;
	__u16 fragment;

	if (load(skb, offset, &ip, sizeof(ip)))
		return DROP_MALFORMED;
	if (ip.version != 4 || ip.ihl < 5)
		return DROP_MALFORMED;
	if (strict && (bpf_ntohs(ip.tot_len) < ip.ihl * 4 || offset + bpf_ntohs(ip.tot_len) > skb->len) &&
	    (ip.tot_len || !skb->gso_size)) /* 0: BIG TCP, the length is skb->len */
		return DROP_MALFORMED;
	map_ipv4(&out->source, ip.saddr);
	map_ipv4(&out->destination, ip.daddr);
	out->protocol = ip.protocol;
	out->payload = offset + ip.ihl * 4;
	fragment = bpf_ntohs(ip.frag_off);
	out->is_fragment = (fragment & (IP_MORE_FRAGMENTS | IP_OFFSET)) != 0;
	out->is_later_fragment = (fragment & IP_OFFSET) != 0;
	out->fragment_id = bpf_ntohs(ip.id);
	return DROP_NONE;
}

struct fragment_header {
	__u8 next;
	__u8 reserved;
	__be16 offset;
	__be32 id;
};

static __always_inline int is_extension(__u8 next)
{
	return next == IPPROTO_HOPOPTS || next == IPPROTO_ROUTING || next == IPPROTO_DSTOPTS || next == IPPROTO_FRAGMENT;
}

static __always_inline enum drop_reason parse_ipv6(struct __sk_buff *skb, __u32 offset, struct header *out, int strict)
{
	struct ipv6hdr ip;
	__u8 next;

	if (bpf_skb_load_bytes(skb, offset, &ip, sizeof(ip)))
		return DROP_MALFORMED;
	if (ip.version != 6)
		return DROP_MALFORMED;
	if (strict && offset + sizeof(ip) + bpf_ntohs(ip.payload_len) > skb->len)
		return DROP_MALFORMED;
	__builtin_memcpy(&out->source, &ip.saddr, sizeof(out->source));
	__builtin_memcpy(&out->destination, &ip.daddr, sizeof(out->destination));
	out->payload = offset + sizeof(ip);
	out->is_fragment = 0;
	out->is_later_fragment = 0;
	out->fragment_id = 0;
	next = ip.nexthdr;
	for (int i = 0; i < MAX_EXTENSIONS && is_extension(next); i++) {
		struct fragment_header extension;

		if (bpf_skb_load_bytes(skb, out->payload, &extension, sizeof(extension)))
			return DROP_MALFORMED;
		if (next == IPPROTO_FRAGMENT) {
			out->is_fragment = 1;
			out->fragment_id = extension.id;
			out->payload += sizeof(extension);
			if (bpf_ntohs(extension.offset) & 0xfff8) {
				out->is_later_fragment = 1;
				next = extension.next;
				break;
			}
		} else {
			out->payload += (extension.reserved + 1) * 8; /* second byte: length in 8 bytes less 1 */
		}
		next = extension.next;
	}
	if (is_extension(next) && !out->is_later_fragment)
		return DROP_MALFORMED; /* a longer chain of extensions than anyone sends */
	out->protocol = next;
	return DROP_NONE;
}

static __always_inline enum drop_reason parse_header(struct __sk_buff *skb, __u16 ethertype, __u32 offset, struct header *out,
					    int strict)
{
	return ethertype == ETH_P_IP ? parse_ipv4(skb, offset, out, strict) : parse_ipv6(skb, offset, out, strict);
}

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

/* The first bytes of the header behind IP's. `length` is a constant. */
static __always_inline int load_start(struct __sk_buff *skb, __u32 payload, void *to, __u32 length)
{
	return payload == USUAL_PAYLOAD ? load(skb, USUAL_PAYLOAD, to, length)
					: bpf_skb_load_bytes(skb, payload, to, length);
}

static __always_inline enum drop_reason load_ports(struct __sk_buff *skb, const struct header *header, struct packet *out)
{
	struct tcphdr start = {}; /* only its ports, unless it is TCP: a quoted header may end after them */
	int is_tcp = header->protocol == IPPROTO_TCP && !out->is_icmp_error;

	out->source_port = out->destination_port = 0;
	out->is_bare_syn = 0;
	out->is_syn_ack = 0;
	out->is_amid = 0;
	if (!has_ports(header->protocol))
		return DROP_NONE;
	if (is_tcp ? load_start(skb, header->payload, &start, TCP_START_LENGTH)
		   : load_start(skb, header->payload, &start, PORTS_LENGTH))
		return DROP_MALFORMED;
	out->source_port = bpf_ntohs(start.source);
	out->destination_port = bpf_ntohs(start.dest);
	out->is_bare_syn = start.syn && !start.ack;
	out->is_syn_ack = start.syn && start.ack;
	out->is_amid = !out->is_icmp_error && !header->is_fragment &&
		       (header->protocol == IPPROTO_UDP ||
			(header->protocol == IPPROTO_TCP && !start.syn && !start.fin && !start.rst));
	return DROP_NONE;
}

/* The first fragment has the ports, the later ones are looked up by addresses and id. */
static __always_inline enum drop_reason follow_fragment(const struct header *header, __u32 scope, struct packet *out)
{
	struct fragment_key key = {
		.scope = scope,
		.source = header->source,
		.destination = header->destination,
		.id = header->fragment_id,
		.protocol = header->protocol,
	};
	struct fragment *known;

	if (!header->is_later_fragment) {
		struct fragment first = {out->source_port, out->destination_port};

		bpf_map_update_elem(&fragments, &key, &first, BPF_ANY);
		return DROP_NONE;
	}
	known = bpf_map_lookup_elem(&fragments, &key);
	if (!known)
		return DROP_UNKNOWN_FRAGMENT;
	out->source_port = known->source_port;
	out->destination_port = known->destination_port;
	return DROP_NONE;
}

static __always_inline enum drop_reason parse_quoted(struct __sk_buff *skb, __u16 ethertype, __u32 offset, struct packet *out)
{
	struct header quoted;
	__u16 source_port;
	enum drop_reason reason = parse_header(skb, ethertype, offset, &quoted, 0);

	if (reason)
		return reason;
	out->is_icmp_error = 1;
	if (!quoted.is_later_fragment) {
		reason = load_ports(skb, &quoted, out);
		if (reason)
			return reason;
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

/* Reads an IPv4 or IPv6 packet behind its Ethernet header. `scope` keeps fragments of networks apart. */
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
	out->source_port = out->destination_port = 0;
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
