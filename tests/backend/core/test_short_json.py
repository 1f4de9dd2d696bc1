"""Values of the audit trail in a table's line: digests are cut, everything else stays."""

from backend.core.templatetags.petra import as_short_json

DIGEST = "0f" * 32


def test_a_digest_is_cut_wherever_it_stands():
    assert as_short_json(DIGEST) == "0f0f0f0f0f0f…"
    assert as_short_json(f"mask {DIGEST} of the rule") == "mask 0f0f0f0f0f0f… of the rule"


def test_other_words_stay_whole():
    assert as_short_json("4246 features extracted.") == "4246 features extracted."
    assert as_short_json(DIGEST[:40]) == DIGEST[:40]
