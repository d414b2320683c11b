// SPDX-License-Identifier: Apache-2.0
// The four programs of the data path. A packet's way:
//
//   pod --veth--> pod_ingress: whose packet is it, which path? ──┐
//                                                                ├─> the function (mark) or its node (VXLAN)
//   function --fn_egress (mark -> MAC)--veth--> fn_ingress: next ┤
//                                                                └─> the destination's pod or its node
//   other node --VXLAN--> vxlan_ingress: for which pod or function here?
//
// See docs/architecture.md for the context, and maps.h for what the agent fills in.
#include <stddef.h>

#include "packet.h"
#include "classify.h"
#include "neighbour.h"
#include "steer.h"

always_inline int is_tagged(struct __sk_buff *skb)
{
	return skb->vlan_present || skb->protocol == bpf_htons(ETH_P_8021Q) || skb->protocol == bpf_htons(ETH_P_8021AD);
}

always_inline int is_ip(struct __sk_buff *skb)
{
	return skb->protocol == bpf_htons(ETH_P_IP) || skb->protocol == bpf_htons(ETH_P_IPV6);
}

always_inline int same_mac(const __u8 a[6], const __u8 b[6])
{
	for (int i = 0; i < MAC_LEN; i++) {
		if (a[i] != b[i])
			return 0;
	}
	return 1;
}

always_inline __u64 class_of(__u32 vni, __u32 bank, const struct address *address)
{
	const struct endpoint *endpoint = find_endpoint(vni, address);

	return endpoint ? endpoint->class_id[bank & 1] : 0;
}

/* First hop of the path in the packet's direction, or straight to its destination when no chain takes it. */
always_inline int classify_and_send(struct __sk_buff *skb, const struct port *port, const struct packet *packet)
{
	const struct network *network = bpf_map_lookup_elem(&networks, &port->vni);
	struct context context = {};
	const struct path *path;
	struct match match;
	__u32 path_id;

	if (!network)
		return drop(skb, DROP_UNKNOWN_NETWORK);
	match = classify(class_of(port->vni, network->bank, &packet->flow_source),
			 class_of(port->vni, network->bank, &packet->flow_destination), packet);
	if (!match.ways)
		return deliver(skb, port->vni, &packet->destination, port->mac);
	path_id = match.path;
	path = bpf_map_lookup_elem(&paths, &path_id);
	if (!path || path->vni != port->vni)
		return drop(skb, DROP_UNKNOWN_PATH);
	context.path = path_id;
	context.is_reply = match.ways == (MATCHES_FORWARD | MATCHES_REPLY)
				   ? is_reply_of_flow(path_id, packet, is_bare_syn(skb, packet))
				   : match.ways == MATCHES_REPLY;
	context.position = context.is_reply ? path->hops - 1 : 0;
	return steer(skb, path, &context, port->mac);
}

/* Ingress of a pod's host side veth: every packet that the pod sends. */
SEC("tc")
int pod_ingress(struct __sk_buff *skb)
{
	__u32 ifindex = skb->ifindex;
	const struct port *port = bpf_map_lookup_elem(&ports, &ifindex);
	struct packet packet = {};
	const struct endpoint *source;
	enum drop_reason reason;
	struct ethhdr eth;

	if (!port || port->flags & PORT_F_INSTANCE)
		return drop(skb, DROP_UNKNOWN_PORT);
	if (is_tagged(skb))
		return drop(skb, DROP_VLAN);
	if (bpf_skb_load_bytes(skb, 0, &eth, sizeof(eth)))
		return drop(skb, DROP_MALFORMED);
	if (!same_mac(eth.h_source, port->mac))
		return drop(skb, DROP_SPOOFED_MAC);
	if (eth.h_proto == bpf_htons(ETH_P_ARP))
		return answer_arp(skb, port);
	if (!is_ip(skb))
		return drop(skb, DROP_NOT_IP);
	if (eth.h_proto == bpf_htons(ETH_P_IPV6) && is_solicitation(skb))
		return answer_solicitation(skb, port);
	if (eth.h_dest[0] & 1)
		return drop(skb, DROP_MULTICAST);
	reason = parse_packet(skb, bpf_ntohs(eth.h_proto), port->vni, &packet);
	if (reason)
		return drop(skb, reason);
	source = find_endpoint(port->vni, &packet.source);
	if (!source || source->ifindex != ifindex)
		return drop(skb, DROP_SPOOFED_SOURCE);
	add_traffic(bpf_map_lookup_elem(&port_rx, &ifindex), skb->len);
	return classify_and_send(skb, port, &packet);
}

always_inline int is_member(__u32 instance, const struct context *context)
{
	struct member_key key = {
		.instance = instance,
		.hop = {.path = context->path, .slot = context->position},
	};

	return bpf_map_lookup_elem(&members, &key) != 0;
}

/* Where a flow could be taken for its own reply, the end that receives it must know who opened it.
 * A subprogram because its parsing needs a stack frame of its own. */
static __attribute__((noinline)) int learn_opener(struct __sk_buff *skb, const struct path *path,
						  const struct context *context)
{
	struct packet packet = {};

	if (!path || !context || !(path->flags & PATH_F_AMBIGUOUS) || !is_ip(skb))
		return 0;
	if (parse_packet(skb, bpf_ntohs(skb->protocol), path->vni, &packet) || packet.is_icmp_error)
		return 0;
	remember_opener(context->path, &packet, !context->is_reply);
	return 1;
}

/* Ingress of the host side of a function's chain0: what it forwarded, or made itself. */
SEC("tc")
int fn_ingress(struct __sk_buff *skb)
{
	__u32 ifindex = skb->ifindex;
	const struct port *port = bpf_map_lookup_elem(&ports, &ifindex);
	struct context context = {};
	const struct path *path;
	__u8 source_mac[MAC_LEN];
	struct ethhdr eth;
	__u32 path_id;

	if (!port || !(port->flags & PORT_F_INSTANCE))
		return drop(skb, DROP_UNKNOWN_PORT);
	if (is_tagged(skb))
		return drop(skb, DROP_VLAN);
	if (bpf_skb_load_bytes(skb, 0, &eth, sizeof(eth)))
		return drop(skb, DROP_MALFORMED);
	if (!same_mac(eth.h_source, port->mac))
		return drop(skb, DROP_SPOOFED_MAC);
	if (eth.h_dest[0] != CTX_MAC_TO)
		return drop(skb, DROP_NO_CONTEXT);
	decode_mac(eth.h_dest, &context);
	if (context.is_probe || !is_member(port->instance, &context))
		return drop(skb, DROP_WRONG_CONTEXT);
	path_id = context.path;
	path = bpf_map_lookup_elem(&paths, &path_id);
	if (!path)
		return drop(skb, DROP_UNKNOWN_PATH);
	if (!is_ip(skb))
		return drop(skb, DROP_NOT_IP);
	encode_mac(source_mac, CTX_MAC_FROM, &context, port->instance);
	context.position = next_position(&context);
	if (context.position >= path->hops)
		learn_opener(skb, path, &context);
	return steer(skb, path, &context, source_mac);
}

/* Egress of chain0, inside the function's namespace: veth clears marks, so the context moves into the MAC. */
SEC("tc")
int fn_egress(struct __sk_buff *skb)
{
	struct context context = {};
	__u8 destination[MAC_LEN];

	if (!(skb->mark & MARK_CONTEXT))
		return drop(skb, DROP_NO_CONTEXT);
	decode_mark(skb->mark, &context);
	if (!skb->ingress_ifindex) /* born here (a reject, an ICMP error): it goes back where its cause came from */
		context.is_reply = !context.is_reply;
	encode_mac(destination, CTX_MAC_TO, &context, 0);
	if (bpf_skb_store_bytes(skb, 0, destination, sizeof(destination), 0))
		return drop(skb, DROP_MALFORMED);
	return 0;
}

always_inline int sender_vtep(struct __sk_buff *skb, __u32 *vni, struct address *vtep)
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
	return 0;
}

always_inline int receive_for_instance(struct __sk_buff *skb, __u32 vni, const __u8 mac[6])
{
	struct context context = {};
	__u32 id = decode_mac(mac, &context);
	const struct instance *instance = bpf_map_lookup_elem(&instances, &id);
	__u32 path_id = context.path;
	const struct path *path = bpf_map_lookup_elem(&paths, &path_id);

	if (!path)
		return drop(skb, DROP_UNKNOWN_PATH);
	if (path->vni != vni || context.is_probe || !is_member(id, &context))
		return drop(skb, DROP_WRONG_CONTEXT);
	if (!instance || !instance->ifindex)
		return drop(skb, DROP_HOP_DOWN);
	return enter_instance(skb, instance->ifindex, &context);
}

always_inline int receive_for_port(struct __sk_buff *skb, __u32 vni, const struct ethhdr *eth)
{
	struct context context = {};
	struct address destination;
	enum drop_reason reason = load_destination(skb, &destination);
	const struct endpoint *endpoint;
	const struct path *path;
	__u32 path_id;

	if (reason)
		return drop(skb, reason);
	endpoint = find_endpoint(vni, &destination);
	if (!endpoint || !endpoint->ifindex || !same_mac(eth->h_dest, endpoint->mac))
		return drop(skb, DROP_UNKNOWN_DESTINATION);
	if (eth->h_source[0] == CTX_MAC_FROM) {
		decode_mac(eth->h_source, &context);
		path_id = context.path;
		path = bpf_map_lookup_elem(&paths, &path_id);
		if (path && path->vni == vni)
			learn_opener(skb, path, &context);
	}
	add_traffic(bpf_map_lookup_elem(&port_tx, &endpoint->ifindex), skb->len);
	return redirect_to_peer(skb, endpoint->ifindex, 0);
}

/* Ingress of the one VXLAN device. */
SEC("tc")
int vxlan_ingress(struct __sk_buff *skb)
{
	struct address vtep;
	struct ethhdr eth;
	__u32 vni;

	if (sender_vtep(skb, &vni, &vtep))
		return drop(skb, DROP_MALFORMED);
	if (!bpf_map_lookup_elem(&vteps, &vtep))
		return drop(skb, DROP_UNKNOWN_VTEP);
	if (!bpf_map_lookup_elem(&networks, &vni))
		return drop(skb, DROP_UNKNOWN_NETWORK);
	if (is_tagged(skb))
		return drop(skb, DROP_VLAN);
	if (bpf_skb_load_bytes(skb, 0, &eth, sizeof(eth)))
		return drop(skb, DROP_MALFORMED);
	if (eth.h_dest[0] & 1)
		return drop(skb, DROP_MULTICAST);
	if (!is_ip(skb))
		return drop(skb, DROP_NOT_IP);
	return eth.h_dest[0] == CTX_MAC_TO ? receive_for_instance(skb, vni, eth.h_dest)
					   : receive_for_port(skb, vni, &eth);
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
