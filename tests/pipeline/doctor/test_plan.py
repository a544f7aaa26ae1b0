"""What the doctor says of plans; tests/stages/policy counts the same at a server."""

from pipeline.doctor.plan import plan
from pipeline.settings import Settings


def test_each_plan_says_how_much_it_asks() -> None:
    assert plan(Settings()).found == "mail, 3 questions a seed"
    found = plan(Settings.model_validate({"plan": "policy"})).found
    assert found == "policy, 3 questions a seed, 9 to 18 more for one with mail"


def test_plan_full_counts_addresses_too() -> None:
    full = plan(Settings.model_validate({"plan": "full"}))
    assert (full.found, full.advice) == ("full, 7 questions a seed", "")


def test_selectors_count() -> None:
    few = Settings.model_validate({"plan": "policy", "dkim_selectors": ["google"]})
    assert plan(few).found.endswith("7 to 7 more for one with mail")
