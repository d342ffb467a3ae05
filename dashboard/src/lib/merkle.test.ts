// Proofs, against a tree that is built here from RFC 6962's own words, and a note signed here.

import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, it } from "vitest";
import { isBehind, isConsistent, isSigned, leafHash, parseCheckpoint, rootOf } from "./merkle";

const sha = (...parts: Buffer[]) => createHash("sha256").update(Buffer.concat(parts)).digest();
const leaf = (data: Buffer) => sha(Buffer.of(0), data);
const split = (n: number) => 2 ** Math.floor(Math.log2(n - 1));
const root = (d: Buffer[]): Buffer =>
  d.length === 1
    ? leaf(d[0] as Buffer)
    : sha(Buffer.of(1), root(d.slice(0, split(d.length))), root(d.slice(split(d.length))));
const path = (m: number, d: Buffer[]): Buffer[] => {
  if (d.length === 1) return [];
  const k = split(d.length);
  return m < k ? [...path(m, d.slice(0, k)), root(d.slice(k))] : [...path(m - k, d.slice(k)), root(d.slice(0, k))];
};

describe("inclusion", () => {
  const records = Array.from({ length: 21 }, (_, at) => Buffer.from(`record ${at}`));
  it("of every leaf in trees of every size leads to the root", async () => {
    for (let size = 1; size <= records.length; size++) {
      const tree = records.slice(0, size);
      const expected = root(tree).toString("base64");
      // Side by side: each hash is a way to another thread and back.
      const found = tree.map(async (record, at) => {
        const proof = path(at, tree).map((each) => each.toString("base64"));
        return rootOf(await leafHash(record), at, size, proof);
      });
      expect(await Promise.all(found)).toEqual(tree.map(() => expected));
    }
  });
  it("of another record, index or length leads elsewhere", async () => {
    const expected = root(records).toString("base64");
    const proof = path(5, records).map((each) => each.toString("base64"));
    const hash = await leafHash(records[5] as Buffer);
    expect(await rootOf(await leafHash(Buffer.from("forged")), 5, 21, proof)).not.toBe(expected);
    expect(await rootOf(hash, 4, 21, proof)).not.toBe(expected);
    expect(await rootOf(hash, 5, 21, proof.slice(1))).not.toBe(expected);
    expect(await rootOf(hash, 5, 21, [...proof, proof[0] ?? ""])).toBeNull();
    expect(await rootOf(hash, 21, 21, proof)).toBeNull();
  });
});

describe("a checkpoint", () => {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const raw = publicKey.export({ type: "spki", format: "der" }).subarray(-32);
  const name = "waybill/01J00000000000000000000LOG/1";
  const body = `${name}\n42\n${Buffer.alloc(32, 7).toString("base64")}\ntime 2026-11-21T12:00:00.000Z\n`;
  const keyed = Buffer.concat([Buffer.of(1), raw]);
  const hash = sha(Buffer.from(`${name}\n`), keyed).subarray(0, 4);
  const key = `${name}+${hash.toString("hex")}+${keyed.toString("base64")}`;
  const signature = Buffer.concat([hash, sign(null, Buffer.from(body), privateKey)]).toString("base64");
  const note = `${body}\n— ${name} ${signature}\n`;
  it("is read and its signature checked", async () => {
    const checkpoint = parseCheckpoint(note);
    expect(checkpoint).toMatchObject({ origin: name, size: 42, time: "2026-11-21T12:00:00.000Z" });
    expect(checkpoint && (await isSigned(checkpoint, key))).toBe(true);
  });
  it("that was changed is not signed, and other texts are none", async () => {
    const changed = parseCheckpoint(note.replace("\n42\n", "\n43\n"));
    expect(changed && (await isSigned(changed, key))).toBe(false);
    const other = parseCheckpoint(note);
    expect(other && (await isSigned(other, key.replace(hash.toString("hex"), "00000000")))).toBe(false);
    expect([41, 42, undefined].map((position) => isBehind(other, position))).toEqual([false, true, false]);
    expect([0, null].map((position) => isBehind(null, position))).toEqual([true, false]);
    expect(parseCheckpoint("no note")).toBeNull();
    expect(parseCheckpoint("a\nb\nc\n\n")).toBeNull();
  });
});

describe("consistency", () => {
  const records = Array.from({ length: 17 }, (_, at) => Buffer.from(`record ${at}`));
  /** RFC 6962, 2.1.2. */
  const proof = (m: number, d: Buffer[], whole = true): Buffer[] => {
    if (m === d.length) return whole ? [] : [root(d)];
    const k = split(d.length);
    return m <= k
      ? [...proof(m, d.slice(0, k), whole), root(d.slice(k))]
      : [...proof(m - k, d.slice(k), false), root(d.slice(0, k))];
  };
  const tree = (size: number) => ({ size, root: root(records.slice(0, size)).toString("base64") });
  const steps = (from: number, to: number) => proof(from, records.slice(0, to)).map((each) => each.toString("base64"));

  it("holds between trees of every two sizes", async () => {
    for (let to = 1; to <= records.length; to++) {
      const sizes = Array.from({ length: to }, (_, at) => at + 1);
      const held = sizes.map((from) => isConsistent(tree(from), tree(to), steps(from, to)));
      expect(await Promise.all(held)).toEqual(sizes.map(() => true));
    }
  });

  it("does not hold for another past, another present, or a proof that was cut", async () => {
    const forged = root([Buffer.from("forged"), ...records.slice(1, 6)]).toString("base64");
    for (const [from, to] of [
      [6, 17],
      [8, 17],
    ] as const) {
      const given = steps(from, to);
      expect(await isConsistent({ size: from, root: forged }, tree(to), given)).toBe(false);
      expect(await isConsistent(tree(from), { size: to, root: forged }, given)).toBe(false);
      expect(await isConsistent(tree(from), tree(to), given.slice(1))).toBe(false);
      expect(await isConsistent(tree(from), tree(to), [...given, given[0] ?? ""])).toBe(false);
      expect(await isConsistent(tree(to), tree(from), given)).toBe(false);
    }
  });
});
