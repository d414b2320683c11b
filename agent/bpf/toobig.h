/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 * Path MTU discovery. The sender of a packet that is too big for its network gets the error that a router would send:
 * fragmentation needed (RFC 792, RFC 1191) or packet too big (RFC 4443 3.2), with the MTU.
 *
 * A pod gets the error by its own veth. For a packet of a function, the error goes back into that function, against the
 * packet's direction, as if the next hop had sent it. Only the function's kernel knows what the function has rewritten, so
 * only it can translate the quoted packet for the hop before. From there the error follows the way of the flow's replies.
 *
 * IPv4 senders get the error with and without the flag "don't fragment": nothing here fragments packets.
 */
#ifndef HEDDLE_TOOBIG_H
#define HEDDLE_TOOBIG_H

#include <linux/udp.h>

#include "flow.h"

#define SMALLEST_MTU 576 /* the least MTU that the API allows: smaller packets need no look-up */
#define ICMP_FRAG_NEEDED 4
#define GSO_BY_FRAGS 0xffff /* SCTP: each segment has its own size, which SCTP has chosen by the path's MTU */
#define QUOTE_V4 128
#define QUOTE_V6 (1280 - sizeof(struct ipv6hdr) - sizeof(struct icmp_too_big))

/* Bytes to remove from the front of the packet before the error is written. An skb may have a checksum that a device must
 * still compute (CHECKSUM_PARTIAL). The kernel drops that request when the place of the checksum is removed; otherwise a
 * device would write into the error. */
#define PULLED 256

struct icmp_too_big {
	__u8 type, code;
	__be16 checksum;
	__be32 mtu;
};

/* The whole frame. It lives in a per-CPU map, as struct work does. */
struct answer {
	__u8 align[2]; /* aligns the IP header to 4 bytes */
	struct ethhdr eth;
	union {
		struct {
			struct iphdr ip;
			struct icmp_too_big icmp;
			__u8 quote[QUOTE_V4];
		} v4;
		struct {
			struct ipv6hdr ip;
			struct icmp_too_big icmp;
			__u8 quote[QUOTE_V6];
		} v6;
	};
};
#define FRAME_V4 (ETH_HLEN + sizeof(((struct answer *)0)->v4))
#define FRAME_V6 (ETH_HLEN + sizeof(((struct answer *)0)->v6))
MAP(answers, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, struct answer, 1, 0);

/* The source address of errors, as a function's own errors have it (docs/architecture.md): no network has this address. */
#define ANSWERS_FROM_V4 0xc0000008 /* 192.0.0.8 */
#define ANSWERS_FROM_V6 {{{0xfd, 0x48, 0x65, 0x64, 0x64, 0x6c, 0, 0x65, 0, 0, 0, 0, 0, 0, 0, 0x08}}}

/* The size of the largest IP packet that this skb becomes on the wire, after segmentation. Of a tunnel inside, only the
 * outer headers count. */
static __always_inline __u32 wire_size(struct __sk_buff *skb, const struct packet *packet)
{
	__u32 headers = packet->transport - ETH_HLEN;
	__u8 length;

	if (!skb->gso_size || !packet->transport)
		return skb->len - ETH_HLEN;
	if (skb->gso_size == GSO_BY_FRAGS)
		return 0;
	if (packet->protocol != IPPROTO_TCP)
		return headers + sizeof(struct udphdr) + skb->gso_size;
	if (bpf_skb_load_bytes(skb, packet->transport + 12, &length, sizeof(length)))
		return skb->len - ETH_HLEN;
	return headers + (length >> 4) * 4 + skb->gso_size;
}

static __always_inline __u32 mtu_of(__u32 vni)
{
	const struct network *network = bpf_map_lookup_elem(&networks, &vni);

	return network ? network->mtu : 0;
}

static __always_inline int is_too_big(struct __sk_buff *skb, const struct packet *packet, __u32 mtu)
{
	return skb->len > mtu + ETH_HLEN && wire_size(skb, packet) > mtu;
}

static __always_inline int write_v4(struct __sk_buff *skb, struct answer *answer, __u32 mtu)
{
	__u32 icmp_length = sizeof(answer->v4) - sizeof(struct iphdr);
	__be32 sender;

	if (bpf_skb_load_bytes(skb, ETH_HLEN, answer->v4.quote, QUOTE_V4) ||
	    bpf_skb_load_bytes(skb, ETH_HLEN + offsetof(struct iphdr, saddr), &sender, sizeof(sender)))
		return -1;
	answer->v4.ip = (struct iphdr){
		.version = 4,
		.ihl = 5,
		.tos = 0xc0, /* internetwork control, as other routers' errors (RFC 1812 4.3.2.5) */
		.tot_len = bpf_htons(sizeof(answer->v4)),
		.ttl = 64,
		.protocol = IPPROTO_ICMP,
		.saddr = bpf_htonl(ANSWERS_FROM_V4),
		.daddr = sender,
	};
	answer->v4.ip.check = fold(bpf_csum_diff(0, 0, (__be32 *)&answer->v4.ip, sizeof(struct iphdr), 0));
	answer->v4.icmp = (struct icmp_too_big){
		.type = ICMP_DEST_UNREACH, .code = ICMP_FRAG_NEEDED, .mtu = bpf_htonl(mtu)};
	answer->v4.icmp.checksum = fold(bpf_csum_diff(0, 0, (__be32 *)&answer->v4.icmp, icmp_length, 0));
	return 0;
}

/* Sums the ICMPv6 message in steps, since older kernels sum at most 512 bytes in one call. */
static __always_inline __u32 sum_v6(struct answer *answer)
{
	__u32 length = sizeof(answer->v6) - sizeof(struct ipv6hdr);
	__be32 pseudo[2] = {bpf_htonl(length), bpf_htonl(IPPROTO_ICMPV6)};
	__u8 *icmp = (__u8 *)&answer->v6.icmp;
	__s64 sum = bpf_csum_diff(0, 0, (__be32 *)&answer->v6.ip.saddr, 32, 0);

	sum = bpf_csum_diff(0, 0, pseudo, sizeof(pseudo), sum);
	sum = bpf_csum_diff(0, 0, (__be32 *)icmp, 496, sum);
	sum = bpf_csum_diff(0, 0, (__be32 *)(icmp + 496), 496, sum);
	return bpf_csum_diff(0, 0, (__be32 *)(icmp + 992), length - 992, sum);
}

static __always_inline int write_v6(struct __sk_buff *skb, struct answer *answer, __u32 mtu)
{
	struct in6_addr sender;

	if (bpf_skb_load_bytes(skb, ETH_HLEN, answer->v6.quote, QUOTE_V6) ||
	    bpf_skb_load_bytes(skb, ETH_HLEN + offsetof(struct ipv6hdr, saddr), &sender, sizeof(sender)))
		return -1;
	answer->v6.ip = (struct ipv6hdr){
		.version = 6,
		.payload_len = bpf_htons(sizeof(answer->v6) - sizeof(struct ipv6hdr)),
		.nexthdr = IPPROTO_ICMPV6,
		.hop_limit = 64,
		.saddr = ANSWERS_FROM_V6,
		.daddr = sender,
	};
	answer->v6.icmp = (struct icmp_too_big){.type = ICMPV6_PKT_TOOBIG, .mtu = bpf_htonl(mtu)};
	answer->v6.icmp.checksum = fold(sum_v6(answer));
	return 0;
}

/* Replaces the packet by the error, with source and destination MAC exchanged. */
static __noinline int write_answer(struct __sk_buff *skb, __u32 mtu)
{
	__u32 zero = 0;
	struct answer *answer = bpf_map_lookup_elem(&answers, &zero);
	int is_v4 = skb->protocol == bpf_htons(ETH_P_IP);
	__u8 mac[ETH_ALEN];

	if (!answer || bpf_skb_load_bytes(skb, 0, &answer->eth, ETH_HLEN))
		return -1;
	__builtin_memcpy(mac, answer->eth.h_dest, ETH_ALEN);
	__builtin_memcpy(answer->eth.h_dest, answer->eth.h_source, ETH_ALEN);
	__builtin_memcpy(answer->eth.h_source, mac, ETH_ALEN);
	if (is_v4 ? write_v4(skb, answer, mtu) : write_v6(skb, answer, mtu))
		return -1;
	if (bpf_skb_change_tail(skb, PULLED + (is_v4 ? FRAME_V4 : FRAME_V6), 0) ||
	    bpf_skb_adjust_room(skb, -PULLED, BPF_ADJ_ROOM_MAC, 0))
		return -1;
	return is_v4 ? bpf_skb_store_bytes(skb, 0, &answer->eth, FRAME_V4, 0)
		     : bpf_skb_store_bytes(skb, 0, &answer->eth, FRAME_V6, 0);
}

/* Sends the error into the namespace behind the veth that the packet came from; `mark` is the context for a function. An
 * ICMP error and a fragment that is not the first get no error (RFC 1122 3.2.2, RFC 4443 2.4). */
static __noinline int answer_too_big(struct __sk_buff *skb, const struct packet *packet, __u32 mtu,
				     __u32 mark)
{
	if (!packet || packet->is_icmp_error || !packet->transport || write_answer(skb, mtu))
		return TC_ACT_SHOT;
	count_event(EVENT_TOO_BIG_SENT);
	return redirect_to_peer(skb, skb->ifindex, mark);
}

#endif
