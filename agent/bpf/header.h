/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 * Parses one IP header: IPv4, or IPv6 with its extension headers.
 */
#ifndef HEDDLE_HEADER_H
#define HEDDLE_HEADER_H

#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>

#include "address.h"
#include "skb.h"

#define IP_MORE_FRAGMENTS 0x2000
#define IP_OFFSET 0x1fff
#define MAX_EXTENSIONS 6

/* The fields of an IP header: of the packet itself, or of the packet that an ICMP error quotes. */
struct header {
	struct address source, destination;
	__u32 payload;     /* offset of the header that follows */
	__u32 fragment_id; /* valid when is_fragment */
	__u8 protocol;
	__u8 is_fragment;
	__u8 is_later_fragment;
};

/* Parses an IPv4 header. With `strict`, the packet must have the length that its header states; a quoted packet may be
 * truncated. */
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

/* The fragment header (RFC 8200 4.5). Other extension headers also begin with `next`; their second byte is the length. */
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
		return DROP_MALFORMED; /* more than MAX_EXTENSIONS headers */
	out->protocol = next;
	return DROP_NONE;
}

static __always_inline enum drop_reason parse_header(struct __sk_buff *skb, __u16 ethertype, __u32 offset, struct header *out,
						     int strict)
{
	return ethertype == ETH_P_IP ? parse_ipv4(skb, offset, out, strict) : parse_ipv6(skb, offset, out, strict);
}

#endif
