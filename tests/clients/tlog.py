"""Reads a log as any client of C2SP tlog-tiles does, and believes nothing that it has not computed.

Python's standard library only: SHA-256 from hashlib, Ed25519 as RFC 8032 writes it down.
"""

import argparse
import base64
import hashlib
import io
import json
import sys
import tarfile
import urllib.request

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def sha256(data):
    return hashlib.sha256(data).digest()


def leaf_hash(entry):
    return sha256(b"\0" + entry)


def node_hash(left, right):
    return sha256(b"\1" + left + right)


def root_of(hashes):
    """Root of a tree over leaf hashes (RFC 6962, section 2.1)."""
    if not hashes:
        return sha256(b"")
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return node_hash(root_of(hashes[:split]), root_of(hashes[split:]))


def root_of_inclusion(index, size, leaf, proof):
    """The root that a proof leads to (RFC 9162, section 2.1.3.2); None where it has another length."""
    if index >= size:
        return None
    node, last = leaf, size - 1
    for sibling in proof:
        if last == 0:
            return None
        if index & 1 or index == last:
            node = node_hash(sibling, node)
            while not index & 1 and index != 0:
                index, last = index >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        index, last = index >> 1, last >> 1
    return node if last == 0 else None


def is_consistent(size1, root1, size2, root2, proof):
    """RFC 9162, section 2.1.4.2."""
    if size1 == size2:
        return root1 == root2 and not proof
    if size1 & (size1 - 1) == 0:
        proof = [root1] + proof
    if not proof:
        return False
    fn, sn = size1 - 1, size2 - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    first = second = proof[0]
    for node in proof[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            first, second = node_hash(node, first), node_hash(node, second)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            second = node_hash(second, node)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and first == root1 and second == root2


def point_add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def point_mul(s, p):
    q = (0, 1, 1, 0)
    while s > 0:
        if s & 1:
            q = point_add(q, p)
        p, s = point_add(p, p), s >> 1
    return q


def point(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P != 0:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - x2) % P != 0 or (x == 0 and sign):
        raise ValueError("no point of the curve")
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def is_signed(public, message, signature):
    """Ed25519 (RFC 8032, section 5.1.7)."""
    s = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or s >= L:
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    h = int.from_bytes(digest, "little") % L
    left, right = point_mul(s, BASE), point_add(point(signature[:32]), point_mul(h, point(public)))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (
        left[1] * right[2] - right[1] * left[2]
    ) % P == 0


def opened(note, key):
    """Origin, size and root of a checkpoint that `key` has signed."""
    name, _, value = key.split("+", 2)
    material = base64.b64decode(value)
    key_id = sha256(name.encode() + b"\n" + material)[:4]
    text, signatures = note.rsplit("\n\n", 1)
    text += "\n"
    for line in signatures.splitlines():
        dash, signer, encoded = line.split(" ")
        raw = base64.b64decode(encoded)
        if dash == "\u2014" and signer == name and raw[:4] == key_id:
            if not is_signed(material[1:], text.encode(), raw[4:]):
                raise ValueError("the signature does not fit")
            origin, size, root = text.splitlines()[:3]
            return origin, int(size), base64.b64decode(root)
    raise ValueError("the key has not signed")


def place(index, width):
    text = f"{index % 1000:03}"
    while index >= 1000:
        index //= 1000
        text = f"x{index % 1000:03}/{text}"
    return text if width == 256 else f"{text}.p/{width}"


def widths(count):
    """Index and width of each tile over so many hashes."""
    for index in range((count + 255) // 256):
        yield index, min(256, count - index * 256)


def entries(bundle):
    at, found = 0, []
    while at < len(bundle):
        length = int.from_bytes(bundle[at : at + 2], "big")
        found.append(bundle[at + 2 : at + 2 + length])
        at += 2 + length
    return found


class Log:
    """A log over HTTP."""

    def __init__(self, url, token):
        self.url, self.token = url, token

    def get(self, path, accept="*/*"):
        headers = {"Authorization": f"Bearer {self.token}", "Accept": accept}
        with urllib.request.urlopen(urllib.request.Request(self.url + path, headers=headers)) as answer:
            return answer.read()

    def leaves(self, size):
        """Hashes of all entries, which must be those of the tiles, on every level."""
        found = []
        for index, width in widths(size):
            found += map(leaf_hash, entries(self.get(f"/v1/log/tile/entries/{place(index, width)}")))
        level, hashes = 0, found
        while hashes:
            for index, width in widths(len(hashes)):
                tile = self.get(f"/v1/log/tile/{level}/{place(index, width)}")
                if tile != b"".join(hashes[index * 256 : index * 256 + width]):
                    raise ValueError(f"tile {index} of level {level} does not fit its entries")
            full = len(hashes) // 256
            level, hashes = level + 1, [root_of(hashes[at * 256 : at * 256 + 256]) for at in range(full)]
        return found


def decoded(texts):
    return [base64.b64decode(text) for text in texts]


def check_proofs(log, leaves, key, sizes):
    """Proofs of some events and trees; gives how many held."""
    held = 0
    for size in sizes:
        for position in {0, size // 3, size - 1}:
            told = json.loads(log.get(f"/v1/log/proof/inclusion?position={position}&size={size}"))
            root = root_of_inclusion(position, size, leaves[position], decoded(told["proof"]))
            if root != root_of(leaves[:size]) or root != base64.b64decode(told["root"]):
                raise ValueError(f"event {position} of {size} is not proven")
            _, signed, signed_root = opened(told["checkpoint"], key)
            if not is_consistent(size, root, signed, signed_root, decoded(told["checkpoint_proof"])):
                raise ValueError(f"the checkpoint does not extend the tree of {size}")
            held += 1
        told = json.loads(log.get(f"/v1/log/proof/consistency?from={size}"))
        args = size, root_of(leaves[:size]), told["to"], base64.b64decode(told["to_root"])
        if not is_consistent(*args, decoded(told["proof"])):
            raise ValueError(f"the tree of {size} is not shown to be extended")
        held += 1
    return held


def check_evidence(log, run, leaves):
    """Every record of a bundle is an entry of the log at its place; gives how many there are."""
    with tarfile.open(fileobj=io.BytesIO(log.get(f"/v1/log/evidence/{run}"))) as archive:
        files = {member.name: archive.extractfile(member).read() for member in archive}
    for line in files["SHA256SUMS"].decode().splitlines():
        digest, name = line.split("  ")
        if sha256(files[name]).hex() != digest:
            raise ValueError(f"the sum of {name} does not fit")
    records, at, count = files["records.bin"], 0, 0
    while at < len(records):
        length = int.from_bytes(records[at + 4 : at + 8], "little")
        record = records[at : at + length]
        position = int.from_bytes(record[8:16], "little")
        if length <= 65535 and leaf_hash(record) != leaves[position]:
            raise ValueError(f"the record at {position} is not the log's")
        at, count = at + length, count + 1
    return count


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--token", required=True)
    parser.add_argument("--run", required=True)
    arguments = parser.parse_args()
    log = Log(arguments.url, arguments.token)
    key = log.get("/v1/log/key", "text/plain").decode().splitlines()[0]
    origin, size, root = opened(log.get("/v1/log/checkpoint").decode(), key)
    leaves = log.leaves(size)
    if root_of(leaves) != root:
        raise ValueError("the tiles do not lead to the signed root")
    sizes = sorted({1, 2, size // 2, size - 1, size} | {at for at in (255, 256, 257) if at <= size})
    proofs = check_proofs(log, leaves, key, sizes)
    records = check_evidence(log, arguments.run, leaves)
    told = {"origin": origin, "size": size, "root": base64.b64encode(root).decode()}
    json.dump(told | {"proofs": proofs, "records": records}, sys.stdout)


if __name__ == "__main__":
    main()
