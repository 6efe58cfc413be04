"""What FHI's rules say about people. Pure but for the casebook: no clock, no storage.

Read people.py first (all values), then these, in the order in which work meets them:

    rulebook.load() -> Rulebook                              the shipped rules, checked; cached
    rulebook.in_force(book, topic, at, disease, where) -> tuple[Rule, ...]             by rank
    rulebook.the_rule(book, topic, line, at, disease, where) -> Rule | None
    rulebook.timeline(book, disease), by_id(book, rule_id), with_local(book, files)

    windows.infectious_window(case, book, at, where) -> Window | None    "Smittsom fra 16. januar"
    windows.exposure_window(case, book, at, where) -> Window | None      "Kan ha blitt smittet fra …"

    classify.verdict(case, exposure, contact, book, at, where) -> Verdict
    classify.proposed_status(case, book, at, where) -> (CaseStatus, why)

    measures.for_contact(contact, exposed, book, at, where, ended_on=None) -> tuple[Proposal, ...]
        exposed = (Exposed(case, exposure, category), …): category confirmed, else proposed
    measures.what_if(contact, exposed, book, at, where, as_of) -> tuple[Proposal, ...]
        what the rules of `as_of` would have said: yesterday's rule, untouched by later ones
    isolation.for_case(case, book, at, where) -> tuple[Proposal, ...]; isolation.what_if(…, as_of)
    waiting.for_housemate(housemate, contact, quarantine, book, at, where) -> tuple[Proposal, ...]
    sentences.summary(verdict, proposals) -> Summary(headline, detail)       the two lines of a row

    follow_up.calls_for_contact(contact, category, proposals, book, at, where, tells=None)
    follow_up.calls_for_case(case, proposals, book, at, where) -> tuple[PlannedCall, ...]
    follow_up.who_tells(category, book, at, disease, where) -> WhoTells | None
    follow_up.order(tasks, now) -> tuple[RankedTask, ...]                           the work list

    chains.infected_by(links), generations(links), chain_of(uid, links), infected_from, sources_of,
        in_cycles(links), onset_intervals(people, links), layout(people, links, lanes)
    clusters.people_of(presences, standings, start, end), attack_counts(people, unidentified)
    days.*                                                  Norwegian dates, last day, Oslo midnight

`at` is always an aware datetime from settings.Clock.now(); `where` is people.Jurisdiction.
"""
