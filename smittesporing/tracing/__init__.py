"""What FHI's rules say about people. Pure but for casebook.py: no clock, no storage.

Read people.py first (all values), then these, in the order in which work meets them:

    rulebook.load() -> Rulebook                          shipped rules, checked; cached
    rulebook.in_force(book, topic, at, disease, where) -> tuple[Rule, ...]      by rank
    rulebook.the_rule(book, topic, line, at, disease, where) -> Rule | None
    rulebook.timeline(book, disease) -> tuple[Rule, ...]                        for the rules page

    windows.infectious_window(case, book, at, where) -> Window | None   "Smittsom fra 16. januar"
    windows.exposure_window(case, book, at, where) -> Window | None     "Kan ha blitt smittet 4.–17. januar"

    classify.verdict(case, exposure, contact, book, at, where) -> Verdict

    measures.for_contact(contact, exposed, book, at, where, ended_on=None) -> tuple[Proposal, ...]
        exposed = tuple[Exposed(case, exposure, category), …] (category: confirmed or proposed)
    isolation.for_case(case, book, at, where) -> tuple[Proposal, ...]
    waiting.for_housemate(housemate, contact, quarantine, book, at, where) -> tuple[Proposal, ...]
    measures.what_if(contact, exposed, book, at, where, as_of) -> tuple[Proposal, ...]
        what the rules known at `as_of` would say: yesterday's rule, untouched by later ones
    isolation.what_if(case, book, at, where, as_of) -> tuple[Proposal, ...]
    sentences.summary(verdict, proposals) -> Summary(headline, detail)    the two lines of a row

    follow_up.calls_for_contact(contact, category, proposals, book, at, where, who_tells) -> tuple[PlannedCall, ...]
    follow_up.calls_for_case(case, proposals, book, at, where) -> tuple[PlannedCall, ...]
    follow_up.who_tells(category, book, at, disease, where) -> WhoTells | None
    follow_up.order(tasks, now) -> tuple[RankedTask, ...]                 the work list

    chains.infected_by(links), generations(links), chain_of(uid, links), layout(people, links)
    clusters.people_of(...), attack_counts(...)
    days.*                                                Norwegian dates, last day, Oslo midnight

`at` is always an aware datetime from settings.Clock.now(); `where` is people.Jurisdiction.
"""
