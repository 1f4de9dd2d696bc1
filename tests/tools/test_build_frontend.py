"""Which Node may build the front end, and when a build is skipped."""

from pathlib import Path

import pytest

from tools import build_frontend


@pytest.mark.parametrize("version", ["v22.12.0", "v23.0.0", "v24.19.0"])
def test_accepts_a_node_that_vite_runs_on(version: str) -> None:
    assert build_frontend.is_new_enough(version)


@pytest.mark.parametrize("version", ["v18.20.4", "v20.20.2", "v22.3.0", "", "unknown"])
def test_refuses_an_older_node(version: str) -> None:
    assert not build_frontend.is_new_enough(version)


def test_digest_sees_contents_and_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build_frontend, "FRONTEND", tmp_path)
    first, second = tmp_path / "a.ts", tmp_path / "b.ts"
    first.write_text("one")
    second.write_text("two")
    before = build_frontend.digest_of([second, first])
    assert build_frontend.digest_of([first, second]) == before
    second.write_text("three")
    assert build_frontend.digest_of([first, second]) != before
    second.write_text("two")
    second.rename(tmp_path / "c.ts")
    assert build_frontend.digest_of([first, tmp_path / "c.ts"]) != before


def test_sentence_when_there_is_no_node(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build_frontend, "system_npm", lambda: None)
    monkeypatch.setattr(build_frontend, "pip_npm", lambda: None)
    with pytest.raises(build_frontend.BuildRefused, match="make setup"):
        build_frontend.find_npm()
