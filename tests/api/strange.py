"""Packages nobody has seen: random, seeded, of every kind and in the dialect of some version of DHIS2.

Made of the table of properties (schemas.toml), with what needs a meaning from strange_rows.py and
strange_links.py. The same seed makes the same package. Called by test_strange_packages.py and tests/prove.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from random import Random

from smittesporing.metadata.kinds import KINDS
from smittesporing.metadata.schema import SCHEMAS, leads_to
from tests.api import strange_dialect, strange_links, strange_rows

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
# Kinds a stranger's package does not make here: org units are the register's, levels come once.
NOT_MADE = frozenset(("organisationUnits", "organisationUnitLevels", "users", "userRoles"))
# How many of a kind; two of the others.
MANY = {"dataElements": 6, "trackedEntityAttributes": 4, "options": 5, "categoryOptions": 5}


@dataclass
class Maker:
    """What a package is made with: chance, the ids of what it holds, and the version it speaks as."""

    seed: int
    version: str = "2.42"
    rng: Random = field(init=False)
    ids: dict[str, list[str]] = field(default_factory=dict)
    bodies: dict[tuple[str, str], dict] = field(default_factory=dict)
    absent_user: str = ""

    def __post_init__(self):
        self.rng = Random(self.seed)
        self.absent_user = self.uid()
        for plural in KINDS:
            if plural not in NOT_MADE:
                many = MANY.get(plural, 2)
                self.ids[plural] = [self.uid() for _ in range(many)]

    def uid(self) -> str:
        rest = "".join(self.rng.choice(LETTERS + "0123456789") for _ in range(10))
        return self.rng.choice(LETTERS) + rest

    def one(self, plural: str) -> dict:
        return {"id": self.rng.choice(self.ids[plural])}

    def some(self, plural: str, least: int = 0) -> list[dict]:
        ids = self.ids[plural]
        return [{"id": uid} for uid in self.rng.sample(ids, self.rng.randint(least, len(ids)))]

    def maybe(self, chance: float = 0.5) -> bool:
        return self.rng.random() < chance

    def moment(self) -> str:
        rng = self.rng
        return (
            f"20{rng.randint(12, 25)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
            f"T{rng.randint(0, 23):02}:{rng.randint(0, 59):02}:07.{rng.randint(100, 999)}"
        )

    def words(self, least: int = 1, most: int = 60) -> str:
        pool = ("Décès", "cas", "ÆØÅ å", "≥ 80", "الجنس", "по", "<b>x</b>", "a&b", '"q"', "100 %")
        text = " ".join(self.rng.choice(pool) for _ in range(self.rng.randint(1, 4)))
        return text[:most].strip().ljust(least, "x")


def package(seed: int, version: str | None = None) -> tuple[dict, Maker]:
    """A package of every kind we keep, in the dialect of `version`, or of one that chance chooses."""
    maker = Maker(seed)
    maker.version = version or maker.rng.choice(strange_dialect.VERSIONS)
    for plural, ids in maker.ids.items():
        for place, uid in enumerate(ids, start=1):
            maker.bodies[plural, uid] = plain(maker, plural, uid, place)
    for (plural, _), body in maker.bodies.items():
        references(maker, plural, body)
        strange_links.settle(maker, plural, body)
    strange_links.hang_together(maker)
    found = {
        plural: [deepcopy(maker.bodies[plural, uid]) for uid in ids]
        for plural, ids in maker.ids.items()
    }
    return strange_dialect.spoken(maker, found), maker


def plain(maker: Maker, plural: str, uid: str, place: int) -> dict:
    """The object with its plain properties, some of them, all of those it must have."""
    kind, body = KINDS[plural], {"id": uid}
    for name, each in SCHEMAS[plural].properties.items():
        needed = each.required or name in kind.required
        if not each.owner or name in strange_rows.NEVER or each.type == "REFERENCE":
            continue
        if not needed and maker.maybe(0.3):
            continue
        value = strange_rows.value(maker, plural, name, each)
        if value is not None:
            body[name] = value
    mark = f"{plural[:12]} {maker.seed}-{place}"
    body["name"] = f"{mark} {maker.words(most=20)}"
    body["shortName"] = mark
    if maker.maybe(0.6):
        body["code"] = f"{plural[:20]}_{maker.seed}_{place}".upper()
    if plural == "options":
        body["code"] = f"O{place}"
    return body


def references(maker: Maker, plural: str, body: dict) -> None:
    """Single references and lists of them, to objects of the package."""
    for name, each in SCHEMAS[plural].properties.items():
        leads = leads_to(plural, name)
        if not each.owner or leads is None or name in body or name in strange_rows.NEVER:
            continue
        if leads not in maker.ids:
            continue
        needed = each.required or name in KINDS[plural].required
        if each.type == "REFERENCE" and (needed or maker.maybe(0.6)):
            body[name] = maker.one(leads)
        elif each.item == "REFERENCE" and maker.maybe(0.8):
            body[name] = maker.some(leads)
