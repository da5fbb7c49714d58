"""The parameter library: finds, reads, checks and caches the TOML files under params/, by name, alias or path."""

from __future__ import annotations

import os
from copy import deepcopy
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from estimator.checks import check_choice
from estimator.errors import InputError, ParameterFileError, said, shown, unknown_name
from estimator.parameters import gpus, spelling
from estimator.parameters.active import active, kept
from estimator.parameters.schema import (
    MAX_NAME,
    Cooling,
    Design,
    Entity,
    MemoryType,
    Node,
    Package,
    Parameter,
    Product,
    Series,
    parse_parameter,
)
from estimator.parameters.toml import FILE, UPLOAD, parse_toml
from estimator.quantities import describe

_FOLDERS: dict[str, tuple[str, type[Entity]]] = {
    "node": ("nodes", Node),
    "design": ("designs", Design),
    "cooling": ("cooling", Cooling),
    "package": ("packages", Package),
    "memory": ("memory", MemoryType),
    "product_class": ("products", Product),
}

MOST_LISTED = 8  # other names in a sentence


def opened(kind: str, name: object = "") -> None:
    """Called each time the library is asked for something: a thing by name, its names, a file, a set, a table, constants.

    It does nothing. Tests put a counter in its place: what was read once is kept, so that counting files would miss it.
    """


@cache
def params_folder() -> Path:
    """The folder of parameter files: inside an installed package, or beside it in a source checkout."""
    here = Path(__file__).resolve().parents[1]
    for folder in (here / "params", here.parent / "params"):
        if (folder / "nodes").is_dir():
            return folder
    raise ParameterFileError("the params folder is missing: reinstall the package or run from a full checkout")


def toml_file(which: str | Path, what: str = "file") -> Path:
    """A TOML file by its path, for everything that takes one; what is none of these is one sentence."""
    text = str(which)
    fault = (
        ("is not a file" if os.path.exists(text) else "does not exist")
        if not os.path.isfile(text)  # false, and no error, for a name that no file can have
        else ""
        if text.lower().endswith(".toml")
        else "must end in .toml"
    )
    if fault:
        raise InputError(f"{what} {text[:120]!r} {fault}")
    return Path(which)


def names_file(text: str) -> bool:
    """Whether a text is the path of a file, and not a name of the library: it ends as one, or names a folder on the way to one."""
    return text.lower().endswith(".toml") or (os.path.basename(text) != text and os.path.exists(text))


def read_text(path: Path) -> str:
    """Text of a parameter file, no more than the loader takes; a fault is one sentence."""
    try:
        with path.open(encoding="utf-8-sig") as file:  # which some editors mark as such
            return file.read(1000 * FILE.kilobytes + 1)  # a device such as /dev/zero has no end
    except UnicodeDecodeError:
        raise ParameterFileError(f"cannot read {said(path.name)}: it is not text in UTF-8; save it as UTF-8") from None
    except (OSError, ValueError) as error:
        raise ParameterFileError(
            f"cannot read {said(path.name)}: {getattr(error, 'strerror', None) or error}"
        ) from None


def read_file(path: Path) -> dict[str, Any]:
    """Parse a TOML file as data; what cannot be read is one sentence."""
    return parse_toml(read_text(path), where=said(path.name))


@lru_cache(maxsize=256)
def _parsed(text: str, where: str) -> dict[str, Any]:
    return parse_toml(text, where=where)


def shipped_file(path: Path) -> dict[str, Any]:
    """Data of a file of params/, parsed once for each content: laid-over sets make the things of the library many times."""
    return deepcopy(_parsed(read_text(path), said(path.name)))


def params_text(name: str) -> str:
    """Text of a file under params/, such as ``silicon/gpus.csv``."""
    opened("file", name)
    return read_text(params_folder() / name)


def params_data(name: str) -> dict[str, Any]:
    """Data of a TOML file under params/, such as ``nodes/tsmc-n7``."""
    opened("file", name)
    return shipped_file(params_folder() / f"{name}.toml")


def params_names(folder: str) -> tuple[str, ...]:
    """Names of the TOML files of a folder under params/, sorted."""
    return tuple(sorted(p.stem for p in (params_folder() / folder).glob("*.toml")))


def names(kind: str) -> tuple[str, ...]:
    """All names of a kind: ``node``, ``design``, ``cooling``, ``package``, ``memory`` or ``product_class``."""
    check_choice("kind", kind, _FOLDERS)
    opened("names", kind)
    return _names(kind)


@cache
def _names(kind: str) -> tuple[str, ...]:
    return params_names(_FOLDERS[kind][0])


def aliases() -> dict[str, str]:
    """Node aliases such as ``12nm`` and the node each one means."""
    opened("aliases")
    return _aliases()


@cache
def _aliases() -> dict[str, str]:
    return dict(params_data("aliases")["alias"])


@cache
def _fits() -> dict[str, dict[str, Any]]:
    """Fitted parameters by node name (and ``model``), from params/fit."""
    merged: dict[str, dict[str, Any]] = {}
    for path in sorted((params_folder() / "fit").glob("*.toml")):
        for owner, fields in read_file(path).items():
            merged.setdefault("model" if "central" in fields else owner, {}).update(
                {owner: fields} if "central" in fields else fields
            )
    return merged


def _build(kind: str, data: dict[str, Any], fallback_name: str) -> Entity:
    """Make an entity of file data: ``base`` inherits another one, fitted values join a shipped node."""
    data = dict(data)
    data.setdefault("name", fallback_name)
    base = data.pop("base", None)
    if base is not None:
        parent = load_named(kind, base, said=f"base {kind}")
        own = {n: getattr(parent, n) for n in type(parent).model_fields if n in parent.model_fields_set}
        data = {**own, **data}
    return _FOLDERS[kind][1](**data)


def _load_entity(kind: str, name: str) -> Entity:
    return _load_plain(kind, name) if kind == "design" else _load_laid(kind, name)  # no set lies over a design


@cache
def _load_plain(kind: str, name: str) -> Entity:
    return _build(kind, read_file(params_folder() / _FOLDERS[kind][0] / f"{name}.toml"), name)


@kept()
def _load_laid(kind: str, name: str) -> Entity:
    data = shipped_file(params_folder() / _FOLDERS[kind][0] / f"{name}.toml")
    if kind == "node":
        data = {**_fits().get(name, {}), **data}
    return _build(kind, {**data, **active().of(name)}, name)


def holds(entity: Entity) -> bool:
    """Whether a thing is that of the library as it stands there: not of a file, not changed."""
    kind = next((k for k, (_, cls) in _FOLDERS.items() if isinstance(entity, cls)), None)
    opened(kind or "nothing", entity.name)
    return kind is not None and entity.name in _names(kind) and _load_entity(kind, entity.name) is entity


def load(kind: str, which: Any) -> Any:
    """Load one thing of a kind by name, alias or path; an object of that kind passes through.

    A design that no file documents is looked for in the GPU database, where that is installed.
    """
    check_choice("kind", kind, _FOLDERS)
    cls = _FOLDERS[kind][1]
    if isinstance(which, cls):
        return which
    opened(kind, which)
    if not isinstance(which, str | Path):
        raise InputError(f"{kind} = {shown(which)} must be a name, a path or a {cls.__name__} object")
    if isinstance(which, Path) or names_file(which):
        path = toml_file(which, f"{kind} file")
        return _build(kind, read_file(path), path.stem)
    if kind == "design" and not name_meant(kind, which) and (found := gpus.find(which, _name_tables()["brand"])):
        return _of_database(found[0])
    return _load_named(kind, which)


@cache
def _of_database(key: str) -> Design:
    """A design made of an entry of the GPU database."""

    def memory(name: str) -> Any:
        return load_named("memory", name) if name in _names("memory") else None

    return gpus.design(
        key,
        params_data("gpus"),
        node_meant=lambda text: name_meant("node", text),
        memory=memory,
        documented=lambda name: load_named("design", name),
    )


def load_named(kind: str, name: object, *, said: str = "") -> Any:
    """Load one thing of the library by name or alias; it must be a known name, and no file is looked for.

    Examples
    --------
    >>> load_named("node", "12nm").name
    'tsmc-12ffn'
    """
    opened(kind, name)
    return _load_named(kind, name, said=said)


def _load_named(kind: str, name: object, *, said: str = "") -> Any:
    if isinstance(name, str) and (meant := name_meant(kind, name)):
        return _load_entity(kind, meant)
    near, more = None, ""
    if kind == "node" and isinstance(name, str):
        near = spelling.near_processes(name[:MAX_NAME], _processes(), _aliases(), _name_tables()["foundry"])
    elif kind == "design":
        more = gpus.where_others_are()
    raise unknown_name(
        said or kind, name, _names(kind) + (tuple(_aliases()) if kind == "node" else ()), near=near, more=more
    )


def name_meant(kind: str, text: str) -> str:
    """The name of the library that a text means, in any usual spelling; empty if it means none.

    Examples
    --------
    >>> name_meant("design", "NVIDIA A100 80GB"), name_meant("node", "TSMC 5"), name_meant("node", "17nm")
    ('a100-sxm-80', 'tsmc-n5', '')
    """
    return text if text in _names(kind) else _meant(kind, text[:MAX_NAME])[0]


def reading(kind: str, text: object) -> list[str]:
    """What there is to say about how a name was read: which of several boards was taken, which process stands in for another.

    Examples
    --------
    >>> reading("design", "h100")[0][:34]
    'h100 is taken as h100-sxm; others:'
    """
    if not isinstance(text, str) or text in _names(kind) or names_file(text):
        return []
    meant, others = _meant(kind, text[:MAX_NAME])
    if kind == "node":
        tables = _name_tables()
        key = spelling.foundry_and_rest(text[:MAX_NAME], tables["foundry"])
        for stands_for, note in tables["process_note"].items():
            same = spelling.foundry_and_rest(stands_for, tables["foundry"])
            if key in (same, (same[0], f"{same[1]}nm")) and tables["process"][stands_for] == meant:
                return [f"{text[:MAX_NAME]} is taken as {meant}: {note}"]
        return []
    if kind == "design" and not meant:
        meant, *others = gpus.find(text, _name_tables()["brand"]) or [""]
    listed = ", ".join(others[:MOST_LISTED]) + (", ..." if len(others) > MOST_LISTED else "")
    return [f"{text[:MAX_NAME]} is taken as {meant}; others: {listed}"] if others else []


def how_read(design: object, loaded: Design, node: object) -> list[str]:
    """Sentences on how the names of a design and a process were read, and on a design that comes from the GPU database."""
    made = [loaded.note] if gpus.SOURCE in loaded.clock_ghz.source else []
    return [*reading("design", design), *made, *reading("node", node)]


@cache
def _name_tables() -> dict[str, dict[str, Any]]:
    """Tables of params/names.toml: how people spell what no file says."""
    return params_data("names")


@lru_cache(maxsize=4096)
def _meant(kind: str, text: str) -> tuple[str, list[str]]:
    """The name that a text means, or "", and others that it may."""
    if kind == "node":
        if text.lower() in _aliases():
            return _aliases()[text.lower()], []
        return _node_spellings().get(spelling.foundry_and_rest(text, _name_tables()["foundry"]), ""), []
    if kind == "design":
        found = [b.name for b in spelling.boards_meant(text, _boards(), _name_tables()["brand"])]
        usual = [n for n in _name_tables()["board"]["common"] if n in found]
        meant = (usual or found or [""])[0]
        return meant, [n for n in found if n != meant]
    key = spelling.squeezed(text)
    return next((n for n in _names(kind) if spelling.squeezed(n) == key), ""), []


def _head(folder: str, name: str) -> dict[str, Any]:
    """Texts and plain numbers at the head of a file, and of what it is based on."""
    text = read_text(params_folder() / folder / f"{name}.toml")
    data = parse_toml(text[: text.find("\n[")], where=name)
    return {**(_head(folder, data["base"]) if "base" in data else {}), **data}


@cache
def _processes() -> tuple[spelling.Process, ...]:
    heads = ((n, _head("nodes", n)) for n in _names("node"))
    return tuple(spelling.Process(n, d.get("foundry", ""), d.get("generation_nm")) for n, d in heads)


@cache
def _node_spellings() -> dict[tuple[str, str], str]:
    tables = _name_tables()
    return spelling.process_spellings(_processes(), _aliases(), tables["process"], tables["foundry"])


@cache
def _boards() -> tuple[spelling.Board, ...]:
    heads = ((n, _head("designs", n)) for n in _names("design"))
    return tuple(spelling.board(n, d.get("label", ""), d.get("vendor", "")) for n, d in heads)


def part_of(design: Design, kind: str) -> Any:
    """The ``cooling``, ``package`` or ``memory`` of a design; where it names none, the default of params/aliases.toml.

    Package and memory follow each other: stacked memory gets a package that carries it, and such a package stacked memory.

    Examples
    --------
    >>> part_of(load_design("h100-sxm"), "memory").name
    'hbm3'
    """
    named = getattr(design, kind)
    if named:
        return load(kind, named)
    stacked = (kind == "package" and design.memory and load("memory", design.memory).unit_kind == "stack") or (
        kind == "memory" and design.package and load("package", design.package).supports_hbm
    )
    return load(kind, _defaults()[f"stack_{kind}" if stacked else kind])


@cache
def _defaults() -> dict[str, str]:
    return dict(params_data("aliases")["default"])


@cache
def smallest_coolings() -> tuple[Cooling, ...]:
    """Coolings from which a design that names none takes the first that holds its published point."""
    return tuple(load_named("cooling", name) for name in params_data("aliases")["smallest"]["cooling"])


def from_toml(kind: str, text: str, *, where: str = "the file") -> Any:
    """Build a node, design, ... from TOML text of anyone (an upload): data only, and other things by known names only."""
    check_choice("kind", kind, _FOLDERS)
    if not isinstance(text, str):
        raise InputError(f"text = {shown(text)} must be TOML text")
    opened(kind, where)
    return _from_toml(kind, text, where)


@kept(most=64)
def _from_toml(kind: str, text: str, where: str) -> Any:
    entity = _build(kind, parse_toml(text, where=where, limits=UPLOAD), "own")
    for thing in (entity, *getattr(entity, "dies", ())):
        for field in _FOLDERS:
            if name := getattr(thing, field, ""):
                load_named(field, name)
        for name in getattr(thing, "packages_available", ()):
            load_named("package", name)
    return entity


def load_node(which: Any) -> Node:
    """Load a node by name (``tsmc-n7``), alias (``12nm``) or path to a TOML file.

    Examples
    --------
    >>> load_node("12nm").name
    'tsmc-12ffn'
    """
    node: Node = load("node", which)
    return node


def load_design(which: Any) -> Design:
    """Load a design by name (``h100-sxm``) or path to a TOML file.

    Examples
    --------
    >>> float(load_design("h100-sxm").power_w)
    700.0
    """
    design: Design = load("design", which)
    return design


def load_cooling(which: Any) -> Cooling:
    """Load a cooling by name or path."""
    cooling: Cooling = load("cooling", which)
    return cooling


def load_package(which: Any) -> Package:
    """Load a package by name or path."""
    package: Package = load("package", which)
    return package


def load_memory(which: Any) -> MemoryType:
    """Load a memory type by name or path."""
    memory: MemoryType = load("memory", which)
    return memory


def _given(name: str, value: Any) -> dict[str, Any]:
    """A plain number of a parameter set, without a range."""
    return {"central": value, "unit": describe(name.removeprefix("default_")).unit, "kind": "given"}


def load_product(which: Any) -> Product:
    """Load a class of product by name or path."""
    product: Product = load("product_class", which)
    return product


@kept()
def memories() -> tuple[MemoryType, ...]:
    """Every memory type of the library."""
    return tuple(load_named("memory", name) for name in _names("memory"))


@cache
def _series() -> dict[tuple[str, str], Series]:
    """Every series of params/series by its quantity and each name that it is of."""
    made = [Series(**params_data(f"series/{name}")) for name in params_names("series")]
    return {(s.quantity, name): s for s in made for name in s.of}


def series_of(quantity: str, *names: str) -> Series | None:
    """What a quantity came to by year, for the first of some names that a series is of; None where none is.

    Examples
    --------
    >>> series_of("cost_usd_gb", "hbm3e").label
    'HBM3 and HBM3E, contracts'
    """
    opened("series", quantity)
    return next((_series()[quantity, n] for n in names if (quantity, n) in _series()), None)


def all_series_of(*names: str) -> list[Series]:
    """Every series that is of one of some names, whatever its quantity."""
    opened("series", names)
    return list(dict.fromkeys(s for (_, name), s in _series().items() if name in names))


def constants() -> dict[str, Parameter]:
    """Global constants of the model (params/model.toml and its fitted part), by name."""
    opened("constants")
    return _constants()


@cache
def constants_alone() -> tuple[str, ...]:
    """Names of the constants of the model, whatever lies over them."""
    data = {**_fits().get("model", {}), **shipped_file(params_folder() / "model.toml")}
    return tuple(name for name, value in data.items() if isinstance(value, dict))


@kept()
def fitted(owner: str) -> dict[str, Parameter]:
    """Fitted numbers of an owner that is no thing of the library (``die-area nvidia tsmc-n7``); empty for an unknown one."""
    data = {**_fits().get(owner, {}), **active().of(owner)}
    return {name: parse_parameter(name, value) for name, value in data.items()}


@kept()
def _constants() -> dict[str, Parameter]:
    data = {**_fits().get("model", {}), **shipped_file(params_folder() / "model.toml")}
    data.update({n: v if isinstance(v, dict) else _given(n, v) for n, v in active().of("model").items()})
    out = {}
    for name, value in data.items():
        if isinstance(value, dict):
            out[name] = parse_parameter(name, value)
            out[name].key = f"model:{name}"
    return out


def sources() -> dict[str, dict[str, Any]]:
    """The bibliography: key -> author, title, year, url, note."""
    opened("sources")
    return _sources()


@cache
def _sources() -> dict[str, dict[str, Any]]:
    merged: dict[str, dict[str, Any]] = {}
    for path in sorted((params_folder() / "sources").glob("*.toml")):
        merged.update(read_file(path))
    return merged


_TOLD_BY = {
    "design": "clock_ghz",
    "node": "foundry",
    "cooling": "coolant_c",
    "package": "substrate_area_factor",
    "memory": "energy_pj_bit",
    "product_class": "package_fixed_share",
}
"""Kinds of parameter files, each with a field that only it has."""


def kind_of(data: dict[str, Any]) -> str:
    """Which kind of parameters a file holds: by a field of its own, else by what it is based on."""
    for kind, field in _TOLD_BY.items():
        if field in data:
            return kind
    base = data.get("base")
    known = [k for k in _TOLD_BY if base in _names(k)]
    known = known or [k for k in _TOLD_BY if isinstance(base, str) and name_meant(k, base)]
    return known[0] if known else "node" if "base" in data else "design"
