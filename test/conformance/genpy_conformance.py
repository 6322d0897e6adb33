#!/usr/bin/python3
"""Holds the codec to genpy: for every message type of the installed ROS packages, md5sums, random
messages serialized by genpy, their JSON, the way back, and every truncation.

usage: genpy_conformance.py CODEC_TOOL [--seed N] [--messages N] [--only PACKAGE/TYPE]
"""

import argparse
import base64
import collections
import glob
import io
import json
import math
import os
import random
import struct
import subprocess
import sys

import genmsg
import genpy
import genpy.dynamic
from genmsg import gentools, msg_loader, msgs

NON_FINITE_AS_STRING = 1
BYTES_AS_ARRAY = 2
HUGE = 100000
TRUNCATED_SIZE = 6000  # bytes of the longest message whose truncations are all tried

INTEGERS = {
    "int8": (-(2**7), 2**7 - 1),
    "uint8": (0, 2**8 - 1),
    "byte": (-(2**7), 2**7 - 1),
    "char": (0, 2**8 - 1),
    "int16": (-(2**15), 2**15 - 1),
    "uint16": (0, 2**16 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "uint32": (0, 2**32 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint64": (0, 2**64 - 1),
}
FLOAT64_EXTREMES = [
    0.0,
    -0.0,
    math.nan,
    math.inf,
    -math.inf,
    5e-324,
    -5e-324,
    2.2250738585072014e-308,
    1.7976931348623157e308,
    -1.7976931348623157e308,
    1.0,
    0.1,
    1e22,
    1e23,
    1e-7,
    9007199254740993.0,
    123456789.123456789,
]
FLOAT32_EXTREMES = [
    0.0,
    -0.0,
    math.nan,
    math.inf,
    -math.inf,
    1.401298464324817e-45,
    1.1754943508222875e-38,
    3.4028234663852886e38,
    16777216.0,
    0.1,
    1e10,
]
STRINGS = [
    "",
    "odom",
    "base_link",
    "a\0b",
    "\0",
    '"quoted"\\back\\slash/',
    "\b\f\n\r\t\x1f\x7f",
    "Grüße, Welt",
    "日本語テキスト",
    "\U0001f916 robot \U0010ffff",
    "\ufffd",
    "\u2028",
    "x" * 1000,
    "seven..",
    "eight...",
    "nine....\n",
]
INVALID = [
    b"\xff",
    b"\xc0\x80",
    b"ok\xed\xa0\x80ok",
    b"\xf4\x90\x80\x80",
    b"\xe2\x82",
    b"\x80abc",
    b"tail\xf0\x9f\xa4",
    b"\xc3(",
    b"\xf8\x88\x80\x80\x80",
]


class RawString(str):
    """A string that genpy serializes to given bytes, UTF-8 or not."""

    def __new__(cls, raw):
        made = super().__new__(cls, "")
        made.raw = raw
        return made

    def encode(self, *_args):
        return self.raw


class Failure(Exception):
    pass


class Codec:
    """The tool's other end."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, command, first, second=b"", flags=0):
        request = struct.pack("<cB", command, flags)
        for blob in (first, second):
            request += struct.pack("<I", len(blob)) + blob
        self.process.stdin.write(request)
        self.process.stdin.flush()
        head = self.process.stdout.read(5)
        if len(head) != 5:
            raise SystemExit("codec_tool died: exit status %s" % self.process.wait())
        status, length = struct.unpack("<BI", head)
        body = self.process.stdout.read(length)
        if status:
            raise Failure(body.decode("utf-8", "replace"))
        return body

    def close(self):
        self.process.stdin.close()
        return self.process.wait()


def installed_types():
    """package → directories of .msg files, and all the types in them."""
    search_path = collections.OrderedDict()
    for directory in sorted(glob.glob("/usr/share/*/msg") + glob.glob("/opt/ros/*/share/*/msg")):
        search_path.setdefault(os.path.basename(os.path.dirname(directory)), []).append(directory)
    types = [
        "%s/%s" % (package, os.path.basename(path)[: -len(".msg")])
        for package, directories in search_path.items()
        for directory in directories
        for path in sorted(glob.glob(directory + "/*.msg"))
    ]
    return search_path, types


class Maker:
    """Makes random messages of one type."""

    def __init__(self, classes, generator, valid_only, huge):
        self.classes = classes
        self.random = generator
        self.valid_only = valid_only
        self.huge = huge  # one array of the message is that long

    def message(self, name, depth=0):
        made = self.classes[name]()
        for field, field_type in zip(made.__slots__, made._slot_types):
            setattr(made, field, self.field(field_type, depth))
        return made

    def field(self, field_type, depth):
        base, is_array, length = msgs.parse_type(field_type)
        if not is_array:
            return self.value(base, depth)
        if length is None:
            length = self.random.choice([0, 1, 2, 3, 7] if depth < 2 else [0, 1, 2])
            if self.huge and msgs.is_builtin(base) and base != "string":
                length, self.huge = self.huge, 0
        if base in ("uint8", "char"):
            return self.random.getrandbits(8 * length).to_bytes(length, "little") if length else b""
        return [self.value(base, depth + 1) for _ in range(length)]

    def value(self, base, depth):
        pick = self.random
        if base == "bool":
            return pick.random() < 0.5
        if base in INTEGERS:
            low, high = INTEGERS[base]
            return pick.choice([low, high, 0, 1, pick.randint(low, high), pick.randint(low, high)])
        if base == "float64":
            return pick.choice(
                [
                    pick.choice(FLOAT64_EXTREMES),
                    pick.gauss(0, 1),
                    pick.randrange(-(10**6), 10**6) / 1000,
                    self.bits64(),
                ]
            )
        if base == "float32":
            return pick.choice(
                [
                    pick.choice(FLOAT32_EXTREMES),
                    pick.randrange(-(10**6), 10**6) / 1000,
                    self.bits32(),
                ]
            )
        if base == "string":
            if not self.valid_only and pick.random() < 0.2:
                return RawString(pick.choice(INVALID) * pick.randrange(1, 4))
            return pick.choice(STRINGS)
        if base == "time":
            return genpy.Time(
                pick.choice([0, 1, 2**32 - 1, pick.getrandbits(32)]),
                pick.choice([0, 1, 999999999, pick.randrange(10**9)]),
            )
        if base == "duration":
            return genpy.Duration(
                pick.choice([0, -1, 2**31 - 1, -(2**31), pick.randint(-(2**31), 2**31 - 1)]),
                pick.choice([0, 1, 999999999, pick.randrange(10**9)]),
            )
        return self.message(base, depth + 1)

    def bits64(self):
        value = struct.unpack("<d", struct.pack("<Q", self.random.getrandbits(64)))[0]
        return math.nan if math.isnan(value) else value

    def bits32(self):
        value = struct.unpack("<f", struct.pack("<I", self.random.getrandbits(32)))[0]
        return math.nan if math.isnan(value) else value


def lenient(raw):
    """UTF-8 where each byte that is not becomes U+FFFD."""
    text, at = "", 0
    while at < len(raw):
        for size in (1, 2, 3, 4):
            try:
                text += raw[at : at + size].decode("utf-8")
                at += size
                break
            except UnicodeDecodeError:
                continue
        else:
            text += "\ufffd"
            at += 1
    return text


def equal_float(found, value, form):
    if not math.isfinite(value):
        return found is None
    return isinstance(found, float) and struct.pack(form, found) == struct.pack(form, value)


def compare(path, found, value, field_type, flags):
    """Holds a JSON value to the one that genpy read."""
    base, is_array, _ = msgs.parse_type(field_type)
    if is_array and base in ("uint8", "char"):
        if not flags & BYTES_AS_ARRAY:
            found = list(base64.b64decode(found, validate=True))
        same = found == list(value)
    elif is_array:
        if not isinstance(found, list) or len(found) != len(value):
            raise Failure("%s: wrong length" % path)
        for i, (one, other) in enumerate(zip(found, value)):
            compare("%s[%d]" % (path, i), one, other, base, flags)
        same = True
    elif base == "bool":
        same = isinstance(found, bool) and found == bool(value)
    elif base in INTEGERS:
        same = isinstance(found, int) and not isinstance(found, bool) and found == value
    elif base in ("float32", "float64"):
        same = equal_float(found, value, "<f" if base == "float32" else "<d")
    elif base == "string":
        same = found == (lenient(value) if isinstance(value, bytes) else value)
    elif base in ("time", "duration"):
        same = found == {"secs": value.secs, "nsecs": value.nsecs}
    else:
        compare_message(path, found, value, flags)
        same = True
    if not same:
        raise Failure("%s: JSON says %.80r, genpy %.80r" % (path, found, value))


def compare_message(path, found, message, flags):
    if list(found) != list(message.__slots__):
        raise Failure("%s: fields %s instead of %s" % (path, list(found), message.__slots__))
    for field, field_type in zip(message.__slots__, message._slot_types):
        compare("%s.%s" % (path, field), found[field], getattr(message, field), field_type, flags)


def refuse_constant(text):
    raise Failure("%s is no JSON" % text)


def serialize(message):
    out = io.BytesIO()
    message.serialize(out)
    return out.getvalue()


def check_message(codec, message, valid):
    """Holds the JSON of one message to genpy's decoding, and its way back to genpy's bytes."""
    data = serialize(message)
    codec.ask(b"V", data)
    # What genpy reads; where a string is no UTF-8 genpy cannot, and the made message stands in.
    decoded = type(message)().deserialize(data) if valid else raw_strings(message)
    for flags in (0, BYTES_AS_ARRAY):
        text = codec.ask(b"J", data, flags=flags).decode("utf-8")
        compare_message("$", json.loads(text, parse_constant=refuse_constant), decoded, flags)
        if valid:
            lossless = codec.ask(b"J", data, flags=flags | NON_FINITE_AS_STRING)
            if codec.ask(b"F", lossless) != data:
                raise Failure("$: other bytes after the way to JSON and back")
    return len(data)


def raw_strings(message):
    """Makes `message` what serializing and reading it would make it, RawStrings as bytes."""
    for field, field_type in zip(message.__slots__, message._slot_types):
        value = getattr(message, field)
        base, is_array, _ = msgs.parse_type(field_type)
        values = value if is_array else [value]
        if base == "string":
            values = [v.raw if isinstance(v, RawString) else v for v in values]
            setattr(message, field, values if is_array else values[0])
        elif base == "float32":
            values = [struct.unpack("<f", struct.pack("<f", v))[0] for v in values]
            setattr(message, field, values if is_array else values[0])
        elif not msgs.is_builtin(base):
            for nested in values:
                raw_strings(nested)
    return message


def check_type(codec, search_path, name, options):
    context = genmsg.MsgContext.create_default()
    spec = msg_loader.load_msg_by_type(context, name, search_path)
    msg_loader.load_depends(context, spec, search_path)
    text = gentools.compute_full_text(context, spec)
    md5sum = gentools.compute_md5(context, spec)
    found = codec.ask(b"D", name.encode(), text.encode()).decode()
    if found != md5sum:
        raise Failure("md5sum %s, genpy has %s" % (found, md5sum))
    if codec.ask(b"P", name.encode()).decode() != text:
        raise Failure("the definition from the package path is not the text that genpy has")
    classes = genpy.dynamic.generate_dynamic(name, text)
    generator = random.Random("%s %s" % (options.seed, name))
    for i in range(options.messages):
        valid = i % 4 != 3
        maker = Maker(classes, generator, valid, HUGE if i == 0 else 0)
        check_message(codec, maker.message(name), valid)
    for _ in range(100):
        data = serialize(Maker(classes, generator, True, 0).message(name))
        if len(data) <= TRUNCATED_SIZE:
            codec.ask(b"T", data)
            return
    raise Failure("no message was short enough to try its truncations")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("codec_tool")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--messages", type=int, default=20)
    parser.add_argument("--only")
    options = parser.parse_args()
    codec = Codec(options.codec_tool)
    search_path, types = installed_types()
    failures = 0
    for name in types:
        if options.only and name != options.only:
            continue
        try:
            check_type(codec, search_path, name, options)
        except Failure as failure:
            failures += 1
            print("%s: %s" % (name, failure))
    status = codec.close()
    print("%d types, %d failed, seed %d" % (len(types), failures, options.seed))
    return 1 if failures or status or not types else 0


if __name__ == "__main__":
    sys.exit(main())
