# SPDX-License-Identifier: Apache-2.0
"""The smallest function whose packets pass through a process: nftables queues what it forwards, this lets it go on.

Speaks nfnetlink_queue itself, so that no library is needed: bind queue 0, then answer each packet with ACCEPT.
"""
import socket
import struct

NETLINK_NETFILTER = 12
SOL_NETLINK, NETLINK_NO_ENOBUFS = 270, 5
NFNL_SUBSYS_QUEUE = 3
NFQNL_MSG_PACKET, NFQNL_MSG_VERDICT, NFQNL_MSG_CONFIG = 0, 1, 2
NFQA_PACKET_HDR = 1
NFQA_VERDICT_HDR = 2
NFQA_CFG_CMD, NFQA_CFG_PARAMS = 1, 2
NFQNL_CFG_CMD_BIND = 1
NF_ACCEPT = 1
NLM_F_REQUEST = 1


def attribute(kind, payload):
    padding = b"\0" * (-len(payload) % 4)
    return struct.pack("=HH", len(payload) + 4, kind) + payload + padding


def message(kind, attributes):
    body = struct.pack("!BBH", socket.AF_UNSPEC, 0, 0) + attributes
    head = struct.pack("=LHHLL", 16 + len(body), NFNL_SUBSYS_QUEUE << 8 | kind, NLM_F_REQUEST, 0, 0)
    return head + body


def packet_id(payload):
    at = 20  # the netlink and the nfnetlink header
    while at + 4 <= len(payload):
        length, kind = struct.unpack_from("=HH", payload, at)
        if kind == NFQA_PACKET_HDR:
            return struct.unpack_from("!L", payload, at + 4)[0]
        at += (length + 3) & ~3
    return None


netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
netlink.bind((0, 0))
# While it is frozen more comes than its socket holds: what is lost is lost, it goes on with the rest.
netlink.setsockopt(SOL_NETLINK, NETLINK_NO_ENOBUFS, 1)
netlink.send(message(NFQNL_MSG_CONFIG, attribute(NFQA_CFG_CMD, struct.pack("!BBH", NFQNL_CFG_CMD_BIND, 0, 0))))
# Copy nothing of the packets: only whether they pass is decided here.
netlink.send(message(NFQNL_MSG_CONFIG, attribute(NFQA_CFG_PARAMS, struct.pack("!LB", 0, 1))))
print("ready", flush=True)
while True:
    received = netlink.recv(65536)
    at = 0
    while at + 16 <= len(received):
        length, kind = struct.unpack_from("=LH", received, at)
        if kind == NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_PACKET:
            verdict = struct.pack("!LL", NF_ACCEPT, packet_id(received[at : at + length]))
            netlink.send(message(NFQNL_MSG_VERDICT, attribute(NFQA_VERDICT_HDR, verdict)))
        at += (length + 3) & ~3
