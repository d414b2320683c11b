# SPDX-License-Identifier: Apache-2.0
"""segments.py software DEVICE: the device leaves segmentation to the kernel (ETHTOOL_STSO, ETHTOOL_SGSO of linux/ethtool.h).
segments.py receive PORT: prints the sha256 of what one connection sends. segments.py send ADDRESS PORT BYTES: sends, and prints it.
"""
import array, fcntl, hashlib, socket, struct, sys

SIOCETHTOOL = 0x8946


def leave_to_software(device):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        for command in (0x1F, 0x24):
            value = array.array('B', struct.pack('II', command, 0))
            fcntl.ioctl(control, SIOCETHTOOL, struct.pack('16sP', device.encode(), value.buffer_info()[0]))


def receive(port):
    with socket.create_server(('::', port), family=socket.AF_INET6, dualstack_ipv6=True) as server:
        print('ready', flush=True)
        connection, _ = server.accept()
        digest = hashlib.sha256()
        while data := connection.recv(1 << 16):
            digest.update(data)
        print(digest.hexdigest(), flush=True)


def send(address, port, size):
    block = bytes(range(256)) * 256
    digest = hashlib.sha256()
    with socket.create_connection((address, port), timeout=20) as connection:
        for _ in range(size // len(block)):
            connection.sendall(block)
            digest.update(block)
    print(digest.hexdigest(), flush=True)


if sys.argv[1] == 'software':
    leave_to_software(sys.argv[2])
elif sys.argv[1] == 'receive':
    receive(int(sys.argv[2]))
else:
    send(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
