"""Files of claims (params/claims): read, checked and named."""

from __future__ import annotations

from functools import cache

from pydantic import ValidationError

from estimator.checks import check_choice
from estimator.claims.statement import Claim, Number, Premise, Test
from estimator.errors import InputError, ParameterFileError, did_you_mean, unknown_name
from estimator.parameters import library
from estimator.parameters.toml import parse_toml


def _sentence(error: ValidationError, who: str) -> ParameterFileError:
    first = error.errors(include_url=False)[0]
    where = ".".join(str(p) for p in first["loc"])
    if first["type"] == "extra_forbidden":
        known = {**Claim.model_fields, **Test.model_fields, **Premise.model_fields, **Number.model_fields}
        return ParameterFileError(f"{who}: unknown key {where[:80]!r}{did_you_mean(str(first['loc'][-1]), known)}")
    if first["type"] == "missing":
        return ParameterFileError(f"{who}: {where!r} is missing")
    inner = first.get("ctx", {}).get("error")
    if isinstance(inner, InputError):
        return ParameterFileError(f"{who}: {where + ': ' if where else ''}{inner}")
    return ParameterFileError(f"{who}: {where} = {str(first.get('input'))[:60]!r}: {first['msg']}")


def parse_claim(text: str, *, where: str) -> Claim:
    """Read a claim from TOML text.

    Raises
    ------
    ParameterFileError
        With one sentence that names the file, the key and the fault.
    """
    data = parse_toml(text, where=where)
    try:
        claim = Claim(**data)
    except ValidationError as error:
        raise _sentence(error, f"claim {where}") from None
    _check_names(claim, where)
    return claim


def _check_names(claim: Claim, where: str) -> None:
    from estimator.claims.checks import CHECKS
    from estimator.model.options import check_options

    try:
        if claim.check not in CHECKS:
            raise unknown_name("check", claim.check, CHECKS)
        for design in (claim.design, *claim.other_designs):
            library.load_design(design)
        for node in (claim.node, *claim.other_nodes):
            library.load_node(node)
        check_options(claim.options)
        if claim.assumption.option not in claim.numbers:
            check_options({claim.assumption.option: (claim.assumption.low + claim.assumption.high) / 2})
        keys = [*claim.source, *(k for n in claim.numbers.values() for k in n.source)]
        for key in keys:
            if key not in library.sources():
                raise unknown_name("source", key, library.sources())
        for name in claim.numbers:
            claim.parameter(name)
        claim.central_assumption()
    except InputError as error:
        raise ParameterFileError(f"claim {where}: {error}") from None


@cache
def names() -> tuple[str, ...]:
    """Names of all claims, in the order of their numbers."""
    order = {n: int(library.params_data(f"claims/{n}").get("number", 0)) for n in library.params_names("claims")}
    return tuple(sorted(order, key=lambda n: (order[n], n)))


def load(name: str) -> Claim:
    """A claim by name, by number (``"4"``), or the path of a TOML file."""
    if isinstance(name, str) and library.names_file(name):
        path = library.toml_file(name, "claim file")
        return parse_claim(library.read_text(path), where=path.name)
    if isinstance(name, str) and name.isdecimal():
        name = next((n for n in names() if str(_load(n).number) == name), name)
    check_choice("claim", name, names())
    return _load(name)


@cache
def _load(name: str) -> Claim:
    return parse_claim(library.params_text(f"claims/{name}.toml"), where=f"{name}.toml")
