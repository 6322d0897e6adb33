"""Whether a file is a whole PNG: its chunks, their checksums, and as many pixels as it says."""

import struct
import zlib

CHANNELS = {0: 1, 2: 3, 4: 2, 6: 4}  # of each color type without a palette


def read(data):
    """(width, height, [bytes of a filtered row]) of a PNG with 8 bits a channel; ValueError where
    it is none."""
    if data[:8] != b"\x89PNG\r\n\x1a\n":
        raise ValueError("it begins with %r" % data[:8])
    chunks = list(_chunks(data))
    if chunks[0][0] != b"IHDR" or chunks[-1][0] != b"IEND":
        raise ValueError("its chunks are %r" % [name for name, _ in chunks])
    width, height, depth, color, _, _, interlaced = struct.unpack(">IIBBBBB", chunks[0][1])
    if depth != 8 or color not in CHANNELS or interlaced:
        raise ValueError("%d bits, color type %d, interlaced %d" % (depth, color, interlaced))
    pixels = zlib.decompress(b"".join(content for name, content in chunks if name == b"IDAT"))
    size = 1 + CHANNELS[color] * width
    if len(pixels) != size * height:
        raise ValueError("%d bytes are no %d rows of %d" % (len(pixels), height, size))
    return width, height, [pixels[at : at + size] for at in range(0, len(pixels), size)]


def _chunks(data):
    at = 8
    while at < len(data):
        size, name = struct.unpack(">I4s", data[at : at + 8])
        content, checksum = data[at + 8 : at + 8 + size], data[at + 8 + size : at + 12 + size]
        if checksum != struct.pack(">I", zlib.crc32(name + content)):
            raise ValueError("the checksum of %r is wrong" % name)
        yield name, content
        at += 12 + size
