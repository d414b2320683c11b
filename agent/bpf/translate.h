/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 * Rewrites a packet that bypasses the load balancer as the load balancer would: one address, one port, and the checksums.
 */
#ifndef HEDDLE_TRANSLATE_H
#define HEDDLE_TRANSLATE_H

#include <linux/udp.h>

#include "packet.h"

/* Rewrites a packet of a pod by the end of its flow: the source of an answer, else the destination. Returns 0 on
 * success. */
static __noinline int translate(struct __sk_buff *skb, const struct packet *packet, const struct end *end)
{
	const struct address *old;
	__u32 checksum, port_at, own;
	__u64 flags;
	__be16 old_port, new_port;

	if (!packet || !end)
		return -1;
	own = end->flags & END_F_ANSWERS;
	old = own ? &packet->source : &packet->destination;
	checksum = packet->transport + (packet->protocol == IPPROTO_TCP ? offsetof(struct tcphdr, check)
								   : offsetof(struct udphdr, check));
	flags = packet->protocol == IPPROTO_UDP ? BPF_F_MARK_MANGLED_0 : 0; /* a UDP checksum of 0 means none, and stays 0 */
	if (skb->protocol == bpf_htons(ETH_P_IP)) {
		__be32 from = old->word[3], to = end->address.word[3];
		__u32 at = ETH_HLEN + (own ? offsetof(struct iphdr, saddr) : offsetof(struct iphdr, daddr));

		if (bpf_l4_csum_replace(skb, checksum, from, to, flags | BPF_F_PSEUDO_HDR | sizeof(to)) ||
		    bpf_l3_csum_replace(skb, ETH_HLEN + offsetof(struct iphdr, check), from, to, sizeof(to)) ||
		    bpf_skb_store_bytes(skb, at, &to, sizeof(to), 0))
			return -1;
	} else {
		__u32 at = ETH_HLEN + (own ? offsetof(struct ipv6hdr, saddr) : offsetof(struct ipv6hdr, daddr));
		__s64 difference = bpf_csum_diff((__be32 *)old, sizeof(*old), (__be32 *)&end->address,
						 sizeof(end->address), 0);

		if (bpf_l4_csum_replace(skb, checksum, 0, difference, flags | BPF_F_PSEUDO_HDR) ||
		    bpf_skb_store_bytes(skb, at, &end->address, sizeof(end->address), 0))
			return -1;
	}
	old_port = bpf_htons(own ? packet->source_port : packet->destination_port);
	new_port = bpf_htons(end->port);
	port_at = packet->transport + (own ? 0 : sizeof(old_port));
	if (old_port == new_port)
		return 0;
	return bpf_l4_csum_replace(skb, checksum, old_port, new_port, flags | sizeof(new_port)) ||
	       bpf_skb_store_bytes(skb, port_at, &new_port, sizeof(new_port), 0);
}

#endif
