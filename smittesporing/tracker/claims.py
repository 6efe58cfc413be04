"""Unique values: who holds which, kept in step with what is written.

The values lie there as keyed hashes only. Called by `persist`.
"""

from smittesporing.tracker.confidential import unseal
from smittesporing.tracker.preload import Claim, Row, claims_of, document
from smittesporing.tracker.records import TRACKED_ENTITY
from smittesporing.tracker.report import DELETE
from smittesporing.tracker.writer import Writer


def claim_values(writer: Writer, created: set[str]) -> None:
    """Take the new unique values, and let go of those they replace."""
    desk = writer.desk
    written = {step.tracked_entity for step in desk.steps.values() if step.action != DELETE}
    taken: list[Row] = []
    freed: list[Row] = []
    gone = {step.uid for step in writer.steps(TRACKED_ENTITY, DELETE)}
    for uid in sorted(written | gone):
        row = desk.known.people.get(uid)
        org_unit = row["org_unit"] if row else desk.steps[uid].org_unit if uid in created else 0
        sent = {} if uid in gone else desk.people_values.get(uid, {})
        old = (
            {k: unseal(desk.key, k, v["value"]) for k, v in row["attributes"].items()}
            if row
            else {}
        )
        before = {claim for _, claim in claims_of(desk.key, writer.metadata, old, org_unit)}
        after = {claim for _, claim in claims_of(desk.key, writer.metadata, sent, org_unit)}
        replaced = before if uid in gone else {claim for claim in before if claim[0] in sent}
        taken += (_claim(claim, uid) for claim in sorted(after - before))
        freed += (_claim(claim, uid) for claim in sorted(replaced - after))
    if freed:
        writer.work.conn.execute("select tracker.release(%s::text::jsonb)", (document(freed),))
    if taken:
        writer.work.conn.execute("select tracker.claim(%s::text::jsonb)", (document(taken),))


def _claim(claim: Claim, uid: str) -> Row:
    return {"attribute": claim[0], "scope": claim[1], "hash": claim[2], "tracked_entity": uid}
