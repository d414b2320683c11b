# SPDX-License-Identifier: Apache-2.0
"""Frames as they are: `wire.py listen DEVICE` prints what comes in, `wire.py send DEVICE MARK` sends what it reads.

A frame is a line of hex. Behind one that was heard stands whether its checksum was still to be written by a device.
A frame that was sent is answered by a line. A mark of -1 sends round everything that watches the device's egress.
"""

import socket
import sys

SOL_PACKET = 263
PACKET_AUXDATA = 8
PACKET_QDISC_BYPASS = 20
PACKET_OUTGOING = 4
CHECKSUM_NOT_READY = 8
SO_MARK = 36
SO_RCVBUFFORCE = 33
EVERYTHING = 3

mode, device = sys.argv[1], sys.argv[2]
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(EVERYTHING))
if mode == "send":
    mark = int(sys.argv[3])
    if mark < 0:
        wire.setsockopt(SOL_PACKET, PACKET_QDISC_BYPASS, 1)
    else:
        wire.setsockopt(socket.SOL_SOCKET, SO_MARK, mark.to_bytes(4, "little"))
    wire.bind((device, 0))
    for line in sys.stdin:
        wire.send(bytes.fromhex(line))
        print("sent", flush=True)
    sys.exit()
wire.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24)
wire.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
wire.bind((device, EVERYTHING))
print("ready", flush=True)
while True:
    frame, extra, _, address = wire.recvmsg(1 << 17, 256)
    if address[2] == PACKET_OUTGOING:
        continue
    status = int.from_bytes(extra[0][2][:4], "little") if extra else 0
    print(frame.hex(), "unwritten" if status & CHECKSUM_NOT_READY else "written", flush=True)
