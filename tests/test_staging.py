"""The published site changes in one step, as the last act, or not at all."""

from pathlib import Path

import pytest

from mkdocs_claims.staging import Staging


def _site(folder: Path, text: str) -> Path:
    (folder / "modes").mkdir(parents=True)
    (folder / "index.html").write_text(text, encoding="utf-8")
    (folder / "modes" / "page.html").write_text(f"{text}, a page", encoding="utf-8")
    return folder


def _files(folder: Path) -> dict[str, str]:
    return {
        file.relative_to(folder).as_posix(): file.read_text(encoding="utf-8")
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def test_a_first_site_is_published(tmp_path: Path) -> None:
    staging = Staging(tmp_path / "site")

    staging.begin()
    (staging.folder / "index.html").write_text("new", encoding="utf-8")
    staging.publish()

    assert {"site/index.html": "new"} == _files(tmp_path)
    assert ["site"] == [path.name for path in tmp_path.iterdir()]


def test_a_new_site_takes_the_place_of_the_old_one_whole(tmp_path: Path) -> None:
    staging = Staging(_site(tmp_path / "site", "old"))

    staging.begin()
    (staging.folder / "index.html").write_text("new", encoding="utf-8")
    staging.publish()

    assert {"site/index.html": "new"} == _files(tmp_path)
    assert ["site"] == [path.name for path in tmp_path.iterdir()]


def test_the_old_site_stays_until_the_new_one_is_published(tmp_path: Path) -> None:
    site = _site(tmp_path / "site", "old")
    staging = Staging(site)

    staging.begin()
    (staging.folder / "index.html").write_text("new", encoding="utf-8")

    assert {"index.html": "old", "modes/page.html": "old, a page"} == _files(site)


def test_a_discarded_site_leaves_nothing_but_the_old_one(tmp_path: Path) -> None:
    staging = Staging(_site(tmp_path / "site", "old"))

    staging.begin()
    (staging.folder / "index.html").write_text("new", encoding="utf-8")
    staging.discard()

    assert {"site/index.html": "old", "site/modes/page.html": "old, a page"} == _files(tmp_path)
    assert ["site"] == [path.name for path in tmp_path.iterdir()]


def test_discarding_what_was_never_begun_is_harmless(tmp_path: Path) -> None:
    Staging(tmp_path / "site").discard()

    assert [] == list(tmp_path.iterdir())


def test_what_an_earlier_build_staged_is_gone_at_the_beginning(tmp_path: Path) -> None:
    staging = Staging(tmp_path / "site")
    _site(staging.folder, "left behind")

    staging.begin()

    assert staging.folder.is_dir()
    assert {} == _files(tmp_path)


def test_the_folders_in_between_are_made(tmp_path: Path) -> None:
    staging = Staging(tmp_path / "build" / "html")

    staging.begin()
    (staging.folder / "index.html").write_text("new", encoding="utf-8")
    staging.publish()

    assert {"build/html/index.html": "new"} == _files(tmp_path)


def test_the_staged_site_stands_beside_the_published_one_so_that_a_rename_suffices(
    tmp_path: Path,
) -> None:
    staging = Staging(tmp_path / "site")

    assert tmp_path == staging.folder.parent
    assert staging.folder.name.startswith(".")


def test_a_publication_that_fails_leaves_the_old_site_as_it_was(tmp_path: Path) -> None:
    site = _site(tmp_path / "site", "old")
    staging = Staging(site)
    staging.begin()
    staging.folder.rmdir()  # so that there is nothing to rename

    with pytest.raises(FileNotFoundError):
        staging.publish()

    assert {"site/index.html": "old", "site/modes/page.html": "old, a page"} == _files(tmp_path)
    assert ["site"] == [path.name for path in tmp_path.iterdir()]


def test_a_first_publication_that_fails_leaves_no_site(tmp_path: Path) -> None:
    staging = Staging(tmp_path / "site")

    with pytest.raises(FileNotFoundError):
        staging.publish()

    assert [] == list(tmp_path.iterdir())


def test_a_site_that_an_interrupted_publication_had_moved_away_comes_back(tmp_path: Path) -> None:
    site = tmp_path / "site"
    _site(tmp_path / ".site.former", "old")

    Staging(site).begin()

    assert {"index.html": "old", "modes/page.html": "old, a page"} == _files(site)
    assert [".site.staged", "site"] == sorted(path.name for path in tmp_path.iterdir())


def test_a_former_site_that_an_interrupted_publication_left_is_removed(tmp_path: Path) -> None:
    site = _site(tmp_path / "site", "new")
    _site(tmp_path / ".site.former", "old")

    Staging(site).begin()

    assert {"index.html": "new", "modes/page.html": "new, a page"} == _files(site)
    assert [".site.staged", "site"] == sorted(path.name for path in tmp_path.iterdir())


def test_a_site_can_be_published_again_and_again(tmp_path: Path) -> None:
    staging = Staging(tmp_path / "site")

    for text in ("first", "second", "third"):
        staging.begin()
        (staging.folder / f"{text}.html").write_text(text, encoding="utf-8")
        staging.publish()

    assert {"site/third.html": "third"} == _files(tmp_path)


def test_a_link_as_the_published_site_can_be_published_again_and_again(tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.symlink_to(_site(tmp_path / "served", "old"))
    staging = Staging(site)

    for text in ("first", "second"):
        staging.begin()
        (staging.folder / f"{text}.html").write_text(text, encoding="utf-8")
        staging.publish()

    assert {"second.html": "second"} == _files(site)
