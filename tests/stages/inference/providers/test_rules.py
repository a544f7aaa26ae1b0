from stages.inference.providers.rules import RULES


def test_rules_have_an_id_of_their_own_and_a_reason() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert all(rule.why and rule.basis for rule in RULES)
