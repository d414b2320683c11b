# SPDX-License-Identifier: Apache-2.0
"""A port on an interface: sends frames and says which came out of the other side of it.

One JSON object a line on standard input: {"frames": [hex, ...], "quiet": seconds}. The answer, one line:
{"frames": [hex, ...]}, all that the interface received until it was quiet for so long.
"""
import json
import os
import select
import socket
import sys

PACKET_OUTGOING = 4
ALL = socket.htons(3)

# One CPU, one queue: what is sent first arrives first.
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
port = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, ALL)
port.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 << 20)
port.bind((sys.argv[1], 0))
for line in sys.stdin:
    order = json.loads(line)
    received = []

    def drain(quiet):
        while select.select([port], [], [], quiet)[0]:
            frame, address = port.recvfrom(65535)
            if address[2] != PACKET_OUTGOING:
                received.append(frame.hex())

    for frame in order["frames"]:
        port.send(bytes.fromhex(frame))
        if order.get("gap"):
            drain(order["gap"])
    drain(order["quiet"])
    print(json.dumps({"frames": received}), flush=True)
