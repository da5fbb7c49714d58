"""Names as people type them: any case, with or without hyphens, brands, "GB" and "nm"; and which known name each one means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

NEAR_SIZE = 1.25  # sizes within this factor may be a slip of one another
_SIZE = re.compile(r"(\d+(?:\.\d+)?)(a\b|a$)?")


class Process(NamedTuple):
    """What spellings of a process follow from: its name, whose it is, and its size in nm, if it has one."""

    name: str
    foundry: str
    size_nm: float | None


class Board(NamedTuple):
    """What spellings of a design follow from: its name, the words of its name and label, and its vendor."""

    name: str
    words: frozenset[str]
    vendor: str


def squeezed(text: str) -> str:
    """A name without case, hyphens and spaces.

    Examples
    --------
    >>> squeezed("TSMC N7+"), squeezed("RTX-4090")
    ('tsmcn7+', 'rtx4090')
    """
    return re.sub(r"[^a-z0-9.+]", "", text.lower())


def words(text: str) -> tuple[str, ...]:
    """The words of a chip's name, however they are joined.

    Examples
    --------
    >>> words("GeForce RTX4090"), words("A100 80 GB"), words("mi300x"), words("h100-sxm")
    (('geforce', 'rtx', '4090'), ('a100', '80gb'), ('mi', '300x'), ('h100', 'sxm'))
    """
    text = re.sub(r"\([^)]*\)", " ", text.lower())
    text = re.sub(r"([a-z]{3})(\d\d)|([a-z]{2})(\d{3})", r"\1\3 \2\4", text)
    text = re.sub(r"(\d{3})([a-z]{2})", r"\1 \2", text)
    text = re.sub(r"(\d)[\s-]*gi?b\b", r"\1gb", text)
    return tuple(re.findall(r"[a-z0-9]+", text))


def foundry_and_rest(text: str, foundries: Mapping[str, str]) -> tuple[str, str]:
    """The foundry that a spelling of a process names ("" for none), and what it says besides.

    Examples
    --------
    >>> foundry_and_rest("5nm SMIC", {"smic": "SMIC"}), foundry_and_rest("N5", {"smic": "SMIC"})
    (('SMIC', '5nm'), ('', 'n5'))
    """
    key = re.sub(r"process|node|nanometers?", "", squeezed(text))
    for word in sorted(foundries, key=len, reverse=True):
        if key != word and (key.startswith(word) or key.endswith(word)):
            return foundries[word], key.removeprefix(word) if key.startswith(word) else key.removesuffix(word)
    return "", key


def process_spellings(
    processes: Sequence[Process],
    aliases: Mapping[str, str],
    further: Mapping[str, str],
    foundries: Mapping[str, str],
) -> dict[tuple[str, str], str]:
    """Every spelling of a process, as foundry and rest, and the name it means.

    A process is known by its own name, by what of it is nobody else's, and by foundry and size where the foundry has one of
    that size or the aliases say which is meant; a size alone means the alias, else TSMC's, else the only one there is.
    """
    known = {p.name for p in processes}
    out = {foundry_and_rest(a, foundries): name for a, name in aliases.items()}
    own = {p.name: foundry_and_rest(p.name, foundries)[1] for p in processes}
    for p in processes:
        out.setdefault((p.foundry, own[p.name]), p.name)
        if list(own.values()).count(own[p.name]) == 1 and not own[p.name].isdigit():
            out.setdefault(("", own[p.name]), p.name)
    for spelling, name in further.items():
        foundry, rest = foundry_and_rest(spelling, foundries)
        if name in known:
            out.setdefault((foundry, rest), name)
            out.setdefault((foundry, f"{rest}nm"), name)
            out.setdefault((next(p.foundry for p in processes if p.name == name), rest), name)
    by_size: dict[tuple[str, str], list[str]] = {}
    for p in processes:
        if p.size_nm is not None:
            by_size.setdefault((p.foundry, f"{p.size_nm:g}"), []).append(p.name)
    for (foundry, size), names in by_size.items():
        usual = out.get(("", f"{size}nm"), "")
        one = usual if usual in names else names[0] if len(names) == 1 else ""
        one = out.get((foundry, f"{size}nm"), one)
        if one:
            out.setdefault((foundry, size), one)
            out.setdefault((foundry, f"{size}nm"), one)
    for foundry, size in by_size:
        others = [f for f, s in by_size if s == size]
        if (foundry == "TSMC" or len(others) == 1) and (foundry, f"{size}nm") in out:
            out.setdefault(("", f"{size}nm"), out[foundry, f"{size}nm"])
    return out


def near_processes(
    text: str, processes: Sequence[Process], aliases: Mapping[str, str], foundries: Mapping[str, str]
) -> list[str]:
    """Names that a wrong one may be a slip of: of the same foundry and about the same size, as far as it says either."""
    foundry, rest = foundry_and_rest(text, foundries)
    found = _SIZE.search(rest)
    size = None if found is None else float(found[1]) / (10.0 if found[2] else 1.0)

    def about(other_nm: float | None) -> bool:
        return size is None or (other_nm is not None and size > 0 and 1 / NEAR_SIZE <= other_nm / size <= NEAR_SIZE)

    size_of = {p.name: p.size_nm for p in processes}
    near = [p.name for p in processes if foundry in ("", p.foundry) and about(p.size_nm)]
    return near if foundry else near + [a for a, name in aliases.items() if about(size_of.get(name))]


def board(name: str, label: str, vendor: str) -> Board:
    """The words by which a design may be called."""
    return Board(name, frozenset((*words(name), *words(label), *words(vendor))), vendor)


def boards_meant(text: str, boards: Iterable[Board], brands: Mapping[str, str]) -> list[Board]:
    """Designs whose names hold every word of a text, the nearest first; one that it names in full is the only one.

    Words for a brand may be missing from a name, where they are its vendor's.
    """
    asked = words(text)
    plain = {w for w in asked if w not in brands} or {*asked}
    meant = [
        b
        for b in boards
        if plain <= b.words and all(brands[w] == b.vendor or w in b.words for w in asked if w in brands)
    ]
    meant = [b for b in meant if b.words >= {*asked}] or meant
    key = squeezed(text)
    full = [b for b in meant if squeezed(b.name) == key] or [b for b in meant if {*words(b.name)} - {*brands} == plain]
    return full[:1] if full else sorted(meant, key=lambda b: (len(b.words), b.name))
