// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// The programs of the data path, and the way of a packet through them:
//
//   pod --veth--> pod_ingress: check the sender, find the path ──┐
//                                                                ├─> the function (mark) or its node (VXLAN)
//   function --fn_egress (mark -> MAC)--veth--> fn_ingress: next ┤
//                                                                └─> the destination's pod or its node
//   other node --VXLAN--> vxlan_ingress: to a pod or function on this node
//   agent --heddle-probe0--> probe_ingress: into a function, or to another node and back
//
// docs/datapath.md explains the whole data path, maps.h the maps that the agent fills.
#include <stddef.h>

#include "from_function.h"
#include "from_pod.h"
#include "neighbour.h"
#include "probe.h"
#include "underlay.h"

/* Ingress of a pod's host side veth: every packet that the pod sends. */
SEC("tc")
int pod_ingress(struct __sk_buff *skb)
{
	__u32 ifindex = skb->ifindex;
	const struct port *port = bpf_map_lookup_elem(&ports, &ifindex);
	struct work *work = begin_work();
	const struct endpoint *source;
	enum drop_reason reason;
	struct ethhdr eth;

	if (!port || !work || port->flags & PORT_F_INSTANCE)
		return drop(skb, DROP_UNKNOWN_PORT);
	reason = check_frame(skb, port, &eth);
	if (reason)
		return drop(skb, reason);
	if (eth.h_proto == bpf_htons(ETH_P_ARP))
		return answer_arp(skb, port);
	if (!is_ip(skb))
		return drop(skb, DROP_NOT_IP);
	if (eth.h_proto == bpf_htons(ETH_P_IPV6) && is_solicitation(skb))
		return answer_solicitation(skb, port);
	if (eth.h_dest[0] & 1)
		return drop(skb, DROP_MULTICAST);
	__builtin_memset(&work->context, 0, sizeof(work->context));
	work->emitter = 0;
	work->vni = port->vni;
	reason = parse_work(skb, work);
	if (reason)
		return drop(skb, reason);
	if (has_mapped_address(skb, work))
		return drop(skb, DROP_MALFORMED);
	if (is_discovery(skb, &work->packet))
		return drop(skb, DROP_MULTICAST);
	source = find_endpoint(port->vni, &work->packet.source);
	if (!source || source->ifindex != ifindex)
		return drop(skb, DROP_SPOOFED_SOURCE);
	if (work->packet.is_icmp_error && !may_be_its_error(work, ifindex))
		return drop(skb, DROP_SPOOFED_ERROR);
	keep_first_fragment(work);
	add_traffic(bpf_map_lookup_elem(&port_rx, &ifindex), skb->len);
	return classify_and_send(skb, port, source, work);
}

/* Ingress of the host side of a function's interface: packets that the function forwards, or makes itself. */
SEC("tc")
int fn_ingress(struct __sk_buff *skb)
{
	__u32 ifindex = skb->ifindex;
	const struct port *port = bpf_map_lookup_elem(&ports, &ifindex);
	struct work *work = begin_work();
	enum drop_reason reason;
	const struct path_view *path;
	const struct hop *hop;
	struct ethhdr eth;
	__u32 mtu;

	if (!port || !work || !(port->flags & PORT_F_INSTANCE))
		return drop(skb, DROP_UNKNOWN_PORT);
	reason = port->flags & PORT_F_FRAMES ? read_frame(skb, port, &eth, &work->context)
					      : read_own(skb, port, &eth, &work->context);
	if (reason)
		return drop(skb, reason);
	if (work->context.is_probe)
		return count_probe(skb, port->instance);
	path = find_path(work, work->context.path);
	if (!path)
		return drop(skb, DROP_UNKNOWN_PATH);
	hop = work->context.position < path->hops ? find_hop(path, &work->context) : 0;
	if (!hop || hop->pool != port->pool) /* an instance may send only for hops of its own function */
		return drop(skb, DROP_WRONG_CONTEXT);
	if (!is_ip(skb))
		return drop(skb, DROP_NOT_IP);
	work->vni = path->vni;
	work->checked_at = 0;
	work->emitter = port->instance;
	work->emitter_position = work->context.position;
	work->context.bounces = 0;
	reason = parse_work(skb, work);
	if (reason)
		return drop_at(skb, &work->context, reason);
	if (has_mapped_address(skb, work))
		return drop_at(skb, &work->context, DROP_MALFORMED);
	keep_first_fragment(work);
	mtu = skb->len > SMALLEST_MTU + ETH_HLEN ? mtu_of(work->vni) : 0;
	if (mtu && is_too_big(skb, &work->packet, mtu))
		return refuse_of_function(skb, work, mtu);
	make_flow_key(work);
	encode_mac(work->source_mac, CTX_MAC_FROM, &work->context, port->instance);
	work->context.position = next_position(&work->context);
	return steer(skb, work);
}

/* Egress of chain0, inside the function's namespace: veth clears marks, so the context moves into the MAC. */
SEC("tc")
int fn_egress(struct __sk_buff *skb)
{
	struct context context = {};
	__u8 destination[ETH_ALEN];
	struct ethhdr *eth;

	eth = data_start(skb);
	if ((void *)(eth + 1) > data_end(skb))
		return drop(skb, DROP_MALFORMED);
	if (!(skb->mark & MARK_CONTEXT)) /* multicast: the kernel's own IGMP and MLD reports */
		return drop(skb, eth->h_dest[0] & 1 ? DROP_MULTICAST : DROP_NO_CONTEXT);
	decode_mark(skb->mark, &context);
	if (!skb->ingress_ifindex) /* made here (a reject, an ICMP error): it returns to the sender of its cause */
		context.is_reply = !context.is_reply;
	encode_mac(destination, CTX_MAC_TO, &context, 0);
	__builtin_memcpy(eth->h_dest, destination, ETH_ALEN);
	return TC_ACT_OK;
}

/* Ingress of the VXLAN device: frames from other nodes. */
SEC("tc")
int vxlan_ingress(struct __sk_buff *skb)
{
	struct work *work = begin_work();
	struct address vtep;
	__u8 class;

	if (!work || sender_vtep(skb, &work->vni, &vtep, &class))
		return drop(skb, DROP_MALFORMED);
	work->checked_at = 0;
	if (!bpf_map_lookup_elem(&vteps, &vtep))
		return drop(skb, DROP_UNKNOWN_VTEP);
	restore_dscp(skb, class);
	return receive_frame(skb, work, &vtep);
}

/* Ingress of a device of the underlay: VXLAN of other nodes, and everything else that the node receives there. */
SEC("tc")
int underlay_ingress(struct __sk_buff *skb)
{
	return receive_from_underlay(skb);
}

/* Ingress of the device that the agent writes probes to. */
SEC("tc")
int probe_ingress(struct __sk_buff *skb)
{
	return send_probe(skb);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
