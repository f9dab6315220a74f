#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Explores every interleaving of writers, collectors and forgets. Format: FORMAT.md, "Protocol".

  gc_model.py --ci    the models that must be safe and the mistakes that must be caught, < 60 s
  gc_model.py --all   larger models, too: minutes, some GB of memory
  gc_model.py --trace NAME   one model by its name, with the steps that lead to a loss

A model is a breadth-first search over states. A state is what is stored (packs, index segments,
tombstones, pending objects, snapshots) and where each process stands; a step is one call of the
storage or one decision between two calls. A process that is never scheduled again has crashed;
beyond that, writers may crash and resume or expire, and collectors may crash and start again.
Grace is 0, so every order of steps is possible. In the beginning there are one pack {x, y} and the
snapshots s0 {x} and s1 {y}; s0 is forgotten at any moment.

The steps carry the names of the protocol: W0 to W6 of the writer, P1 to P6 of the collector.
Exit 0 when every model is as it must be; the last line is "N passed, M failed".
"""
import sys
import time
from collections import deque

# Parts of a state. Packs: name -> blobs. Segments: name -> {(pack, blobs)}. Tombstones: name ->
# packs. Pending objects and snapshots: name -> blobs. All sorted tuples of pairs.
PACKS, INDEX, GONE, PEND, SNAP, PROCESSES = range(6)
REPEATS_MAX = 3


def put(table, key, value):
    return tuple(sorted({**dict(table), key: value}.items()))


def remove(table, key):
    return tuple(pair for pair in table if pair[0] != key)


def condemned(gone):
    return {pack for _, packs in gone for pack in packs}


def known(index, gone):
    """Blob -> packs that a segment names and no tombstone does."""
    dead = condemned(gone)
    places = {}
    for _, entries in index:
        for pack, blobs in entries:
            if pack not in dead:
                for blob in blobs:
                    places.setdefault(blob, set()).add(pack)
    return places


def run_of(name):
    return name.split(".")[0]


class Model:
    """What takes part, and which deliberate mistakes are made."""

    def __init__(self, name, writers, rounds=3, forgets=("s0",), collectors=1, writer_crashes="",
                 collector_crashes=0, expires=False, mistakes=(), cap=20_000_000, is_big=False):
        self.name = name
        self.writers = writers
        self.rounds = rounds
        self.forgets = forgets
        self.collectors = collectors
        self.writer_crashes = writer_crashes
        self.collector_crashes = collector_crashes
        self.expires = expires
        self.mistakes = frozenset(mistakes)
        self.cap = cap
        self.is_big = is_big

    @property
    def must_be_safe(self):
        return not self.mistakes

    def start(self):
        both = frozenset("xy")
        processes = [
            ("W", name, frozenset(needs), "W0", 0, (), (), frozenset(),
             1 if name in self.writer_crashes else 0)
            for name, needs in self.writers]
        processes += [("F", name, "waits") for name in self.forgets]
        processes += [("G", f"c{i}", 0, "idle", (), self.collector_crashes)
                      for i in range(self.collectors)]
        return ((("z.0", both),), (("I0", frozenset([("z.0", both)])),), (), (),
                (("s0", frozenset("x")), ("s1", frozenset("y"))), tuple(processes))


# Writer: (W, name, needed blobs, step, repeats, what it read, own packs, missing blobs, crashes).

def writer_steps(state, process, model):
    packs, index, gone, pend, snap, _ = state
    _, name, need, step, repeats, seen, own, missing, crashes = process

    def at(step, repeats=repeats, seen=(), own=own, missing=frozenset(), crashes=crashes):
        return ("W", name, need, step, repeats, seen, own, missing, crashes)

    def same(process):
        return (packs, index, gone, pend, snap, process)

    if crashes and step not in ("done", "dead", "crashed", "W0"):
        yield same(at("crashed", crashes=crashes - 1))
    if step == "W0":
        yield (packs, index, gone, put(pend, name + ".0", frozenset()), snap, at("W1 gone"))
    elif step in ("crashed", "R gone", "R packs", "R index"):
        yield from resume_steps(state, process, model, at, same)
    elif step == "W1 gone":
        yield same(at("W1 index", seen=gone))
    elif step == "W1 index":
        places = known(index, seen)
        lacks = frozenset(blob for blob in need if blob not in places)
        yield same(at("W2 pack" if lacks else "W3 pend", missing=lacks))
    elif step == "W2 pack":
        pack = f"{name}.{len(own)}"
        yield (put(packs, pack, missing), index, gone, pend, snap,
               at("W2 index", own=own + ((pack, missing),)))
    elif step == "W2 index":
        yield (packs, put(index, "I" + own[-1][0], frozenset([own[-1]])), gone, pend, snap,
               at("W3 pend"))
    elif step == "W3 pend":
        after = "W4 gone"
        if "no check" in model.mistakes:
            after = "W5"
        elif "index before gone" in model.mistakes:
            after = "W4 index first"
        root = pend if "no root" in model.mistakes else put(pend, f"{name}.{repeats + 1}", need)
        yield (packs, index, gone, root, snap, at(after))
    elif step == "W4 gone":
        yield same(at("W4 index", seen=gone))
    elif step == "W4 index first":
        yield same(at("W4 gone second", seen=index))
    elif step in ("W4 index", "W4 gone second"):
        places = known(index, seen) if step == "W4 index" else known(seen, gone)
        lacks = frozenset(blob for blob in need if blob not in places)
        if not lacks:
            yield same(at("W5"))
        elif repeats < REPEATS_MAX:
            yield same(at("W2 pack", repeats=repeats + 1, missing=lacks))
        else:
            yield same(at("dead"))
    elif step == "W5":
        yield (packs, index, gone, pend, put(snap, "S" + name, need), at("W6"))
    elif step == "W6":
        mine = [key for key, _ in pend if run_of(key) == name]
        if not mine:
            yield same(at("done"))
        for key in mine:
            yield (packs, index, gone, remove(pend, key), snap, at("W6"))


def resume_steps(state, process, model, at, same):
    """A crashed run: expired by a collector, or taken up again."""
    packs, index, gone, pend, snap, _ = state
    name, step, seen, own = process[1], process[3], process[5], process[6]
    mine = [key for key, _ in pend if run_of(key) == name]
    if step == "crashed":
        if model.expires and mine:
            rest = tuple(pair for pair in pend if run_of(pair[0]) != name)
            is_fenced = "no fence" not in model.mistakes
            yield (packs, index, gone, rest, snap, at("dead" if is_fenced else "crashed"))
        yield (packs, index, gone, put(pend, name + ".r", frozenset()), snap, at("R gone"))
    elif step == "R gone":
        yield same(at("R packs", seen=gone))
    elif step == "R packs":
        dead, there = condemned(seen), dict(packs)
        good = tuple(pack for pack in own
                     if "no look at packs" in model.mistakes
                     or (pack[0] in there and pack[0] not in dead))
        yield same(at("R index" if good else "W1 gone", own=good))
    elif step == "R index":
        yield (packs, put(index, "Ir" + name, frozenset(own)), gone, pend, snap, at("W1 gone"))


# Collector: (G, name, round, step, what it read or decided, crashes).

LISTINGS = {"gone": GONE, "data": PACKS, "pend": PEND, "snap": SNAP, "index": INDEX}


def collector_steps(state, process, model):
    packs, index, gone, pend, snap, _ = state
    _, name, number, step, notes, crashes = process
    # Names are new in each pass and after each crash.
    mark = f"{name}{number}{crashes}"

    def at(step, notes=(), number=number, crashes=crashes):
        return ("G", name, number, step, notes, crashes)

    def same(process):
        return (packs, index, gone, pend, snap, process)

    if step != "idle" and crashes:
        yield same(at("idle", crashes=crashes - 1))
    if step == "idle":
        if number < model.rounds:
            yield same(at("P1.0", number=number + 1))
    elif step.startswith("P1."):
        order = ["gone", "data", "pend", "snap", "index"]
        if "snap before pend" in model.mistakes:
            order = ["gone", "data", "snap", "pend", "index"]
        i = int(step[3:])
        notes += ((order[i], state[LISTINGS[order[i]]]),)
        yield same(at(f"P1.{i + 1}" if i < 4 else "P2", notes))
    elif step == "P2":
        plan = decide(dict(notes), pend, model)
        _, to_condemn, to_copy, _, tombstones = plan
        if to_condemn and to_copy:
            yield same(at("P4 pack", plan))
        elif to_condemn:
            yield same(at("P5", plan))
        elif tombstones:
            yield same(at("P6a", plan))
        else:
            yield same(at("idle"))
    elif step == "P4 pack":
        yield (put(packs, f"R{mark}.0", notes[2]), index, gone, pend, snap, at("P4 index", notes))
    elif step == "P4 index":
        entry = frozenset([(f"R{mark}.0", notes[2])])
        yield (packs, put(index, f"IR{mark}", entry), gone, pend, snap, at("P5", notes))
    elif step == "P5":
        yield (packs, index, put(gone, "D" + mark, notes[1]), pend, snap,
               at("P6a", notes) if notes[4] else at("idle"))
    else:
        yield from sweep_steps(state, process, model, mark, at)


def decide(seen, pend_now, model):
    """P2 to P4: packs to sweep, to condemn; blobs to copy; the index and tombstones it rests on."""
    there = dict(seen["data"])
    roots = seen["pend"]
    if "pend read late" in model.mistakes:
        # Listed in time, but read only after snap was listed; what is gone by then is ignored.
        roots = tuple(pair for pair in roots if pair[0] in dict(pend_now))
    used = {blob for _, blobs in roots + seen["snap"] for blob in blobs}
    live = set() if "live runs unprotected" in model.mistakes else {run_of(key) for key, _ in roots}
    listed = {pack: blobs for _, entries in seen["index"] for pack, blobs in entries}
    places = known(seen["index"], seen["gone"])
    dead = condemned(seen["gone"])

    def is_last(pack):
        return any(blob in used and not any(other in there for other in places.get(blob, ()))
                   for blob in listed.get(pack, ()))

    sweep = frozenset(pack for pack in dead if run_of(pack) not in live and not is_last(pack))
    condemn = frozenset(
        pack for pack in there
        if pack not in dead and run_of(pack) not in live
        and (pack not in listed or any(blob not in used for blob in listed[pack])))
    copy = frozenset(blob for blob in used
                     if blob in places and all(pack in condemn for pack in places[blob]))
    return sweep, condemn, copy, seen["index"], tuple(key for key, _ in seen["gone"])


def sweep_steps(state, process, model, mark, at):
    """P6: segments, then packs, then tombstones."""
    packs, index, gone, pend, snap, _ = state
    step, notes = process[3], process[4]
    if step == "P6a":
        sweep, _, _, seen_index, tombstones = notes
        replaced = tuple(key for key, entries in seen_index
                         if any(pack in sweep for pack, _ in entries))
        kept = frozenset(entry for key, entries in seen_index if key in replaced
                         for entry in entries if entry[0] not in sweep)
        if "tombstone first" in model.mistakes:
            gone = tuple(pair for pair in gone if pair[0] not in tombstones)
        yield (packs, put(index, "M" + mark, kept) if kept else index, gone, pend, snap,
               at("P6b", (sweep, replaced, tombstones)))
        return
    sweep, replaced, tombstones = notes
    part, names, after = {
        "P6b": (INDEX, replaced, "P6c"), "P6c": (PACKS, sweep, "P6d"),
        "P6d": (GONE, tombstones, "idle")}[step]
    present = dict(state[part])
    left = [key for key in names if key in present]
    if not left:
        yield (packs, index, gone, pend, snap, at(after, notes if after != "idle" else ()))
    for key in left:
        stored = list(state[:PROCESSES])
        stored[part] = remove(state[part], key)
        yield (*stored, at(step, notes))


def forget_steps(state, process, model):
    packs, index, gone, pend, snap, _ = state
    if process[2] == "waits":
        yield (packs, index, gone, pend, remove(snap, process[1]), ("F", process[1], "done"))


STEPS = {"W": writer_steps, "G": collector_steps, "F": forget_steps}


def loss(state):
    """A blob of a visible snapshot that no indexed, existing pack holds."""
    there = dict(state[PACKS])
    held = {blob for _, entries in state[INDEX] for pack, blobs in entries if pack in there
            for blob in blobs}
    for name, blobs in state[SNAP]:
        for blob in blobs:
            if blob not in held:
                return f"snapshot {name} lost blob {blob}"
    return None


class Outcome:
    def __init__(self, loss, states, is_whole, trace=()):
        self.loss = loss
        self.states = states
        self.is_whole = is_whole
        self.trace = trace


def explore(model, with_trace=False):
    """Breadth first until all states are seen, something is lost, or the cap is reached."""
    first = model.start()
    # Hashes save memory; that two of 10^7 states share one of 64 bits is a chance of 10^-6.
    seen = {first: None} if with_trace else {hash(first)}
    waiting = deque([first])
    while waiting:
        state = waiting.popleft()
        processes = state[PROCESSES]
        for i, process in enumerate(processes):
            for step in STEPS[process[0]](state, process, model):
                after = (*step[:PROCESSES], processes[:i] + (step[PROCESSES],) + processes[i + 1:])
                key = after if with_trace else hash(after)
                if key in seen:
                    continue
                if with_trace:
                    seen[key] = (state, i)
                else:
                    seen.add(key)
                lost = loss(after)
                if lost:
                    return Outcome(lost, len(seen), False, trace(seen, after) if with_trace else ())
                waiting.append(after)
        if len(seen) > model.cap:
            return Outcome(None, len(seen), False)
    return Outcome(None, len(seen), True)


def trace(seen, state):
    steps = []
    while seen[state]:
        before, i = seen[state]
        process = before[PROCESSES][i]
        steps.append(f"{process[1]}: {process[2] if process[0] == 'F' else process[3]}")
        state = before
    return tuple(reversed(steps))


ONE = [("A", "x")]
TWO = [("A", "x"), ("B", "x")]
MIXED = [("A", "x"), ("B", "xy")]

MODELS = [
    Model("1 writer, 3 prunes", ONE),
    Model("1 writer, 4 prunes", ONE, rounds=4),
    Model("1 writer that crashes, resumes or expires; collector crash", ONE, writer_crashes="A",
          collector_crashes=1, expires=True),
    Model("2 writers, 2 prunes", MIXED, rounds=2),
    Model("mistake: no check before the commit", ONE, mistakes=["no check"]),
    Model("mistake: no pending root", ONE, mistakes=["no root"]),
    Model("mistake: the check lists index before gone", ONE, mistakes=["index before gone"]),
    Model("mistake: collector lists snap before pend", ONE, mistakes=["snap before pend"]),
    Model("mistake: pending objects read after snap was listed", ONE, mistakes=["pend read late"]),
    Model("mistake: tombstone removed before segments and packs", ONE,
          mistakes=["tombstone first"]),
    Model("mistake: an expired run resumes and does not look at its packs", ONE,
          writer_crashes="A", expires=True, mistakes=["no fence", "no look at packs"]),
    Model("mistake: packs of live runs are not protected", TWO, mistakes=["live runs unprotected"]),
    Model("mistake: two collectors without a lease", ONE, rounds=2, collectors=2,
          mistakes=["no lease"], is_big=True),
    Model("2 writers, 2 prunes, both old snapshots forgotten", MIXED, rounds=2,
          forgets=("s0", "s1"), is_big=True),
    Model("2 writers, 3 prunes", TWO, is_big=True),
    Model("2 writers, 2 prunes, collector crash", TWO, rounds=2, collector_crashes=1, is_big=True),
    Model("2 writers, 2 prunes, one crashes, then resumes or expires; collector crash", TWO,
          rounds=2, writer_crashes="A", collector_crashes=1, expires=True, is_big=True),
]


def run(model, with_trace=False):
    """Explores one model and says whether it is as it must be."""
    begun = time.monotonic()
    outcome = explore(model, with_trace)
    is_right = outcome.is_whole if model.must_be_safe else outcome.loss is not None
    found = outcome.loss or ("safe, exhaustive" if outcome.is_whole else "nothing up to the cap")
    seconds = time.monotonic() - begun
    verdict = "ok  " if is_right else "FAIL"
    print(f"{verdict} {model.name}: {found}, {outcome.states:,} states, {seconds:.0f} s",
          flush=True)
    for step in outcome.trace:
        print("       " + step)
    return is_right


def main(arguments):
    if len(arguments) == 2 and arguments[0] == "--trace":
        chosen = [model for model in MODELS if model.name == arguments[1]]
    elif arguments == ["--all"]:
        chosen = MODELS
    elif arguments == ["--ci"]:
        chosen = [model for model in MODELS if not model.is_big]
    else:
        chosen = []
    if not chosen:
        print(__doc__)
        return 2
    results = [run(model, with_trace=arguments[0] == "--trace") for model in chosen]
    print(f"{results.count(True)} passed, {results.count(False)} failed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
