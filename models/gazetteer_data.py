"""Reading the administrative units from the data of the package vietnamadminunits."""

from __future__ import annotations

import json
import sqlite3
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from models.errors import MissingDependency
from models.gazetteer_units import REFORM_DAY, AdministrativeUnit, Level
from models.lexicon import load_lexicon
from models.name_letters import fold_diacritics

_PACKAGE = "vietnamadminunits"
_LEVELS = {
    "tỉnh": Level.PROVINCE,
    "thành phố": Level.CITY,
    "thị xã": Level.TOWN,
    "thị trấn": Level.TOWNSHIP,
    "đặc khu": Level.SPECIAL_ZONE,
    "huyện": Level.DISTRICT,
    "quận": Level.DISTRICT,
    "phường": Level.WARD,
    "xã": Level.COMMUNE,
}
_CURRENT = "SELECT provinceKey, wardKey, province, ward FROM admin_units"
_FORMER = (
    "SELECT provinceKey, districtKey, wardKey, province, district, ward FROM admin_units_legacy"
)

_Units = dict[str, AdministrativeUnit]


@dataclass(frozen=True)
class _Tables:
    current: Sequence[tuple[str, str, str, str]]
    former: Sequence[tuple[str, str, str | None, str, str, str | None]]
    mergers: Mapping[str, Sequence[str]]
    moves: Mapping[str, Sequence[str]]


def read_units() -> tuple[AdministrativeUnit, ...]:
    """Every unit of today and every one that ended with the reform of July 2025.

    Raises:
        MissingDependency: the package with the data is not installed.
    """
    tables = _read_tables(_data_folder())
    provinces = _read_provinces(tables)
    communes = _read_communes(tables, provinces)
    return (
        *provinces.values(),
        *communes.values(),
        *_former_communes(tables, provinces, communes),
        *_former_districts(tables, provinces, communes),
    )


def _data_folder() -> Path:
    # Found, never imported: importing it loads geometry and geocoding libraries.
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise MissingDependency(
            f"the gazetteer needs the package {_PACKAGE}; run: pip install {_PACKAGE}"
        )
    return Path(spec.origin).parent / "data"


def _read_tables(folder: Path) -> _Tables:
    with closing(sqlite3.connect(f"{(folder / 'dataset.db').as_uri()}?mode=ro", uri=True)) as file:
        current, former = file.execute(_CURRENT).fetchall(), file.execute(_FORMER).fetchall()
    changes = json.loads((folder / "converter_2025.json").read_text(encoding="utf-8"))
    return _Tables(current, former, changes["DICT_PROVINCE"], _read_moves(changes))


def _read_moves(changes: Mapping[str, Any]) -> dict[str, list[str]]:
    """For each former commune's key the keys of those it is in today, the main one first."""
    moves: dict[str, list[str]] = defaultdict(list)
    for province, wards in changes["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for ward, parts in wards.items():
            for part in parts:
                moves[part].append(f"{province}_{ward}")
    for province, parts in changes["DICT_PROVINCE_WARD_DIVIDED"].items():
        for part, wards in parts.items():
            ordered = sorted(wards, key=lambda ward: not ward["isDefaultNewWard"])
            moves[part] += [f"{province}_{ward['newWardKey']}" for ward in ordered]
    return moves


@cache
def _exonyms() -> dict[str, str]:
    return {form.casefold(): place.en for place in load_lexicon().places for form in place.vi}


def _split_level(full: str) -> tuple[Level, str]:
    """Part "Thị xã An Khê" into its level and its name."""
    for word, level in _LEVELS.items():
        if full.casefold().startswith(f"{word} "):
            # A few names are written "Pa u" in one table and "Pa U" in the other.
            parts = full[len(word) + 1 :].split()
            return level, " ".join(part[0].upper() + part[1:] for part in parts)
    raise ValueError(f"{full!r} has no known level")


def _english_name(full: str, level: Level, name: str) -> str:
    exonyms = _exonyms() if level.is_top or level is Level.CITY else {}
    plain = fold_diacritics(name).replace(" - ", "-")
    return exonyms.get(full.casefold()) or exonyms.get(name.casefold()) or plain


def _make_unit(full: str, province: str = "", **fields: Any) -> AdministrativeUnit:  # noqa: ANN401
    full = unicodedata.normalize("NFC", full)
    level, name = _split_level(full)
    if level is Level.CITY and not province:
        level = Level.CENTRAL_CITY
    plain = _english_name(full, level, name)
    if level is Level.CENTRAL_CITY:
        english = plain
    elif name[0].isdigit():
        english = f"{level.value.capitalize()} {plain}"
    else:
        english = f"{plain} {level.value}"
    folded = fold_diacritics(name)
    return AdministrativeUnit(name, folded, level, english, province or name, **fields)


def _read_provinces(tables: _Tables) -> _Units:
    """The provinces of today and those that were merged into them, by key."""
    full_names = {row[0]: row[3] for row in tables.former}
    all_units = {key: _make_unit(full) for key, full in full_names.items()}
    provinces: _Units = {}
    for key, parts in tables.mergers.items():
        units = {part: all_units[part] for part in parts}
        lying = frozenset(unit.name for unit in units.values())
        current = replace(
            units[key],
            provinces=lying,
            partners=_other_names(units, key),
            parent=units[key].english,
        )
        provinces[key] = current
        for part in units.keys() - {key}:
            provinces[part] = replace(
                units[part],
                ended=REFORM_DAY,
                provinces=frozenset({units[part].name, current.name}),
                successors=(current,),
                partners=_other_names(units, part),
                parent=units[part].english,
            )
    return provinces


def _other_names(units: _Units, key: str) -> tuple[str, ...]:
    return tuple(sorted(unit.english for other, unit in units.items() if other != key))


def _read_communes(tables: _Tables, provinces: _Units) -> _Units:
    """The communes, wards and special zones of today by the keys of province and ward."""
    origins: dict[str, set[str]] = defaultdict(set)
    for province, district, ward, *_ in tables.former:
        for target in tables.moves.get(_join_keys(province, district, ward), ()):
            origins[target].add(provinces[province].name)
    communes: _Units = {}
    for province, ward, _, full in tables.current:
        key, above = f"{province}_{ward}", provinces[province]
        communes[key] = _make_unit(
            full, above.name, parent=above.english, provinces=frozenset({above.name, *origins[key]})
        )
    return communes


def _join_keys(*keys: str | None) -> str:
    return "_".join(key or "" for key in keys)


def _former_communes(
    tables: _Tables, provinces: _Units, communes: _Units
) -> Iterator[AdministrativeUnit]:
    """The communes, wards and townships that no unit of today with the same name goes on."""
    for province, district, ward, _, district_full, full in tables.former:
        if full is None:
            continue
        targets = [communes[key] for key in tables.moves[_join_keys(province, district, ward)]]
        unit = _make_unit(full, provinces[province].name)
        if any((one.name, one.level) == (unit.name, unit.level) for one in targets):
            continue
        above = _make_unit(district_full, provinces[province].name)
        yield replace(
            _ended(unit, targets),
            district=above.name,
            parent=f"{above.english}, {provinces[province].english}",
        )


def _former_districts(
    tables: _Tables, provinces: _Units, communes: _Units
) -> Iterator[AdministrativeUnit]:
    targets: dict[tuple[str, str], dict[str, AdministrativeUnit]] = defaultdict(dict)
    for province, district, ward, _, full, _ in tables.former:
        for key in tables.moves[_join_keys(province, district, ward)]:
            targets[province, full][key] = communes[key]
    for (province, full), found in targets.items():
        above = provinces[province]
        unit = _make_unit(full, above.name, parent=above.english)
        yield _ended(unit, list(found.values()))


def _ended(unit: AdministrativeUnit, targets: Sequence[AdministrativeUnit]) -> AdministrativeUnit:
    lying = frozenset({unit.province, *(target.province for target in targets)})
    return replace(unit, ended=REFORM_DAY, successors=tuple(targets), provinces=lying)
