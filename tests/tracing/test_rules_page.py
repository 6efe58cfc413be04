"""The written page of rules follows the rule files."""

from smittesporing.tracing import rulebook, rules_page


def test_docs_rules_is_current():
    written = rules_page.PAGE.read_text(encoding="utf-8")
    assert written == rules_page.markdown(rulebook.load()), (
        "docs/rules.md is behind: run python -m smittesporing.tracing.rules_page"
    )


def test_every_rule_stands_on_the_page():
    text = rules_page.markdown(rulebook.load())
    assert all(rule.sentence in text for rule in rulebook.load().rules)
