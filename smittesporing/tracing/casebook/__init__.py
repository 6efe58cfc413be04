"""Records ↔ people: the only part of `tracing` that knows the tracker.

    book.open_book(work) -> Book                 one request's view: records, metadata, rules, clock
    facts.case_of / contact_of / exposure_of     records → the values that rules speak of
    files.case_file / person_file                what a page about one person shows
    decide.decide(book, people) -> Decided       verdicts, measures and calls stored through the importer
    register.*                                   a new index, contacts, tests, calls, closing, undoing
    measures.*                                   confirm, exempt, decide otherwise, end
    tasks.*                                      whom to call today

Every write goes through tracker/importer; every decision is stored with its rule and citation.
"""
